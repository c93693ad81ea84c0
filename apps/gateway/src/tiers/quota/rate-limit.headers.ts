import { formatDuration } from '../../platform/config/index.js';
import { pushRateLimitFields } from './rate-limit.fields.js';
import type { LimitState } from './tier-limit.js';

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
 * Returns the headers that tell a caller's limits, each name followed by its value: `x-ratelimit-*` for requests and tokens, in
 * integers and Go durations, and the IETF fields for all limits. A unit without a limit has no `x-ratelimit-*` headers.
 */
export function rateLimitList(states: LimitState[], modelId: string): string[] {
  const headers: string[] = [];
  for (const { unit, limit, remaining, reset } of UNITS) {
    const state = binding(states, unit, modelId);
    if (state === undefined) continue;
    headers.push(limit, String(state.limit.limit), remaining, String(Math.floor(state.remaining)));
    headers.push(reset, formatDuration(Math.ceil(state.resetMs)));
  }
  pushRateLimitFields(headers, states, modelId);
  return headers;
}

/** The same by name. */
export function rateLimitHeaders(states: LimitState[], modelId: string): Record<string, string> {
  const list = rateLimitList(states, modelId);
  const headers: Record<string, string> = {};
  for (let at = 0; at < list.length; at += 2) headers[list[at] ?? ''] = list[at + 1] ?? '';
  return headers;
}
