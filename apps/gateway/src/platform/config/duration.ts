// Go durations, as Kubernetes and the OpenAI rate-limit headers write them: `1h30m45s`, `1.5h`, `250ms`.
// `d` is accepted as 24 hours, which Go itself does not know.

const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const TERM = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/y;

/**
 * Reads a Go duration.
 * @returns milliseconds (may be fractional, negative or zero), or `undefined` where the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const start = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  const body = text.slice(start);
  if (body === '0') return 0;
  if (body === '') return undefined;
  let totalMs = 0;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < body.length) {
    const term = TERM.exec(body);
    if (!term) return undefined;
    totalMs += Number(term[1]) * (UNIT_MS[term[2] ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(totalMs) ? sign * totalMs : undefined;
}

/** Writes a duration as Go prints it: `4h0m0s`, `1m52s`, `1.5s`, `12ms`, `0s`. Sub-millisecond parts are dropped. */
export function formatDuration(durationMs: number): string {
  const ms = Math.trunc(Math.abs(durationMs));
  const sign = durationMs < 0 && ms > 0 ? '-' : '';
  if (ms === 0) return '0s';
  if (ms < 1000) return `${sign}${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  if (minutes > 0) return `${sign}${minutes}m${seconds}s`;
  return `${sign}${seconds}s`;
}
