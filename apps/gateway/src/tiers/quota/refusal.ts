import { type ApiError, NO_RETRY, rateLimitExceeded, retryHeaders } from '../../platform/errors/index.js';
import type { Admission } from './reservation.js';
import type { Unit } from './tier-limit.js';

/** What a refusal names: budgets of any kind of token, and of money, are `tokens` to a client. */
export const paramOf = (unit: Unit): 'requests' | 'tokens' | 'concurrency' =>
  unit === 'requests' || unit === 'concurrency' ? unit : 'tokens';

/**
 * The headers of a request that no wait makes room for. `Retry-After` must still name a time: the window, after which all
 * of the limit is free.
 */
const neverHeaders = (windowMs: number | null): Record<string, string> => ({
  ...retryHeaders(windowMs ?? 0),
  ...NO_RETRY,
});

/** The 429 of a refused admission. */
export const refusalOf = ({ limit, retryAfterMs }: Extract<Admission, { admitted: false }>): ApiError =>
  rateLimitExceeded(
    paramOf(limit.unit),
    Number.isFinite(retryAfterMs) ? retryHeaders(retryAfterMs) : neverHeaders(limit.windowMs),
  );
