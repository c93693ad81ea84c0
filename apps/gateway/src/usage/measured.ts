import type { Outcome } from './ledger/ledger-entry.js';
import type { TokenUsage, UsageSource } from './token-usage.js';

/** What a relay came to. */
export interface Measured {
  outcome: Outcome;
  /** The HTTP status that the caller was sent. */
  status: number;
  upstreamId: string | null;
  firstByteAt: Date | null;
  bytesOut: number;
  tokens: TokenUsage;
  usageSource: UsageSource;
}
