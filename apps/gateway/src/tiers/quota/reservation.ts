import type { Consumption } from './amounts.js';
import type { LimitState, TierLimit } from './tier-limit.js';

/** What an admitted request holds until it is known what it came to. Whatever ends it first, ends it once. */
export interface Reservation {
  /** Tokens that the answer may take, all choices together; absent where no limit of a strict tier says so. */
  readonly outputTokens: number | undefined;
  /** The limits as they stand now, this request included. */
  describe(): LimitState[];
  /** Puts what was used, now, in place of what was held. */
  settle(actual: Consumption): void;
  /** Gives everything back, the request as well, as if it had been refused. */
  release(): void;
}

/** `retryAfterMs` is infinite where waiting does not help; `states` are the limits as the refusal found them. */
export type Admission =
  | { admitted: true; reservation: Reservation }
  | { admitted: false; limit: TierLimit; retryAfterMs: number; states: LimitState[] };
