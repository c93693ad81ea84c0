import { parseDuration } from '../../apps/gateway/src/platform/config/duration.js';

export interface LimitHeaders {
  limit: number;
  remaining: number;
  /** Milliseconds. */
  resetMs: number;
}

/** The three headers of a unit, or `undefined` where there is none of them. */
export function limitHeaders(headers: Headers, unit: 'requests' | 'tokens'): LimitHeaders | undefined {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map(what =>
    headers.get(`x-ratelimit-${what}-${unit}`),
  );
  if (limit == null && remaining == null && reset == null) return undefined;
  expect(limit).toMatch(/^\d+$/);
  expect(remaining).toMatch(/^\d+$/);
  const resetMs = parseDuration(reset ?? '');
  if (resetMs === undefined) throw new Error(`x-ratelimit-reset-${unit} is no duration: ${String(reset)}`);
  return { limit: Number(limit), remaining: Number(remaining), resetMs };
}
