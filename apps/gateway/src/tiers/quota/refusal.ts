import { formatDuration } from '../../platform/config/index.js';
import {
  type ApiError,
  insufficientQuota,
  NO_RETRY,
  rateLimitExceeded,
  retryHeaders,
} from '../../platform/errors/index.js';
import type { Admission } from './reservation.js';
import type { TierLimit, Unit } from './tier-limit.js';

/** What a refusal names: every kind of token is `tokens` to a client. */
export const paramOf = (unit: Unit): 'requests' | 'tokens' | 'cost' | 'concurrency' =>
  unit === 'requests' || unit === 'cost' || unit === 'concurrency' ? unit : 'tokens';

const MICROS = 1_000_000;

/** Says which budget is used up, and when what was used leaves its window. */
function spentBudget({ limit, windowMs, modelId }: TierLimit, retryAfterMs: number): string {
  const budget = `The budget of ${limit / MICROS}${windowMs === null ? '' : ` per ${formatDuration(windowMs)}`}`;
  const scope = modelId === null ? '' : ` for the model '${modelId}'`;
  const reset = Number.isFinite(retryAfterMs)
    ? `it has room again in ${formatDuration(Math.ceil(retryAfterMs / 1000) * 1000)}`
    : 'this request costs more than all of it';
  return `${budget}${scope} is used up; ${reset}`;
}

/**
 * The headers of a request that no wait makes room for. `Retry-After` must still name a time: the window, after which all
 * of the limit is free.
 */
const neverHeaders = (windowMs: number | null): Record<string, string> => ({
  ...retryHeaders(windowMs ?? 0),
  ...NO_RETRY,
});

/** The 429 of a refused admission. */
export function refusalOf({ limit, retryAfterMs }: Extract<Admission, { admitted: false }>): ApiError {
  const headers = Number.isFinite(retryAfterMs) ? retryHeaders(retryAfterMs) : neverHeaders(limit.windowMs);
  return limit.unit === 'cost'
    ? insufficientQuota(spentBudget(limit, retryAfterMs), headers)
    : rateLimitExceeded(paramOf(limit.unit), headers);
}
