import type { Exchange } from './exchange.js';
import type { Faults } from './faults.js';

/** How fast answers come. */
export interface Pace {
  readonly firstTokenDelayMs: number;
  /** Of each choice; 0 is as fast as possible. */
  readonly tokensPerSecond: number;
}

/** One call of the API, and how it is to be answered. */
export interface Call {
  readonly exchange: Exchange;
  readonly faults: Faults;
  readonly pace: Pace;
}
