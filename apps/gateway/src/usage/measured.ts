import type { Outcome } from './ledger/ledger-entry.js';
import type { TokenUsage, UsageSource } from './token-usage.js';

/** What a relay came to. */
export interface Measured {
  outcome: Outcome;
  /** The HTTP status that the caller was sent. */
  status: number;
  /** The upstream that was asked last; `null` where none was asked. */
  upstream: { readonly id: string; readonly model: string } | null;
  /** Number of upstreams that were asked. */
  attempts: number;
  firstByteAt: Date | null;
  bytesOut: number;
  tokens: TokenUsage;
  usageSource: UsageSource;
}
