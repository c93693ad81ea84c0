import { formatDuration } from '../../platform/config/index.js';
import type { LimitState } from './tier-limit.js';

/** Waits longer than this are ignored by the common SDKs, which then hammer; the header tells them not to. */
const LONGEST_HEEDED_SECONDS = 60;

/** Of several limits of a unit the one that binds first: the least left, and among equals the longest until reset. */
function binding(states: LimitState[], unit: string, modelId: string): LimitState | undefined {
  let first: LimitState | undefined;
  for (const state of states) {
    if (state.limit.unit !== unit || (state.limit.modelId !== null && state.limit.modelId !== modelId)) continue;
    if (
      first === undefined ||
      state.remaining < first.remaining ||
      (state.remaining === first.remaining && state.resetMs > first.resetMs)
    )
      first = state;
  }
  return first;
}

const UNITS = ['requests', 'tokens'].map(unit => ({
  unit,
  limit: `x-ratelimit-limit-${unit}`,
  remaining: `x-ratelimit-remaining-${unit}`,
  reset: `x-ratelimit-reset-${unit}`,
}));

/**
 * The `x-ratelimit-*` headers, each name followed by its value: integers, and resets as Go durations. A unit without a
 * limit has none.
 */
export function rateLimitList(states: LimitState[], modelId: string): string[] {
  const headers: string[] = [];
  for (const { unit, limit, remaining, reset } of UNITS) {
    const state = binding(states, unit, modelId);
    if (state === undefined) continue;
    headers.push(limit, String(state.limit.limit), remaining, String(Math.floor(state.remaining)));
    headers.push(reset, formatDuration(Math.ceil(state.resetMs)));
  }
  return headers;
}

/** The same by name. */
export function rateLimitHeaders(states: LimitState[], modelId: string): Record<string, string> {
  const list = rateLimitList(states, modelId);
  const headers: Record<string, string> = {};
  for (let at = 0; at < list.length; at += 2) headers[list[at] ?? ''] = list[at + 1] ?? '';
  return headers;
}

/** `Retry-After` in whole seconds, rounded up so that nobody comes too early. */
export function retryHeaders(retryAfterMs: number): Record<string, string> {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return { 'retry-after': String(seconds), ...(seconds > LONGEST_HEEDED_SECONDS ? { 'x-should-retry': 'false' } : {}) };
}

/** Of a request that no wait makes room for. The header's time must be some time: that in which all of it is free. */
export const neverHeaders = (windowMs: number | null): Record<string, string> => ({
  ...retryHeaders(windowMs ?? 0),
  'x-should-retry': 'false',
});
