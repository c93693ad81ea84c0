import { type ApiError, rateLimitExceeded } from '../../platform/errors/index.js';
import { neverHeaders, retryHeaders } from './rate-limit.headers.js';
import type { Admission } from './reservation.js';
import type { Unit } from './tier-limit.js';

/** What a refusal names: budgets of any kind of token, and of money, are `tokens` to a client. */
export const paramOf = (unit: Unit): 'requests' | 'tokens' | 'concurrency' =>
  unit === 'requests' || unit === 'concurrency' ? unit : 'tokens';

/** The 429 of a refused admission. */
export const refusalOf = ({ limit, retryAfterMs }: Extract<Admission, { admitted: false }>): ApiError =>
  rateLimitExceeded(
    paramOf(limit.unit),
    Number.isFinite(retryAfterMs) ? retryHeaders(retryAfterMs) : neverHeaders(limit.windowMs),
  );
