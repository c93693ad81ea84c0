import type { TokenCount, TokenCountOrder } from './token-count.js';

/** From the process to its counting thread. */
export interface CountRequest extends TokenCountOrder {
  id: number;
}

/** From the thread: once when it can count, and then for each request. */
export type CountReply =
  | { type: 'ready' }
  | { type: 'counted'; id: number; count: TokenCount }
  | { type: 'failed'; id: number; reason: string };
