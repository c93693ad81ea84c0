import type { TokenUsage, UsageSource } from '../token-usage.js';

export type Outcome = 'completed' | 'client_aborted' | 'upstream_failed' | 'timed_out' | 'interrupted';

/** What an admitted request was made with; identity tokens do not reach the data plane. */
export interface LedgerCredential {
  type: 'token' | 'api_key';
  /** The token's `jti`, or the key's public id. */
  id: string;
}

/** One admitted request, with what it came to. It holds no prompt and no answer. */
export interface LedgerEntry extends TokenUsage {
  /** A UUIDv7 of the gateway's own, never of the caller's choosing. */
  id: string;
  requestId: string;
  startedAt: Date;
  firstByteAt: Date | null;
  endedAt: Date;
  subject: string;
  tier: string;
  credential: LedgerCredential;
  model: string;
  upstream: string | null;
  /** The path after `/v1/`, such as `chat/completions`. */
  endpoint: string;
  streamed: boolean;
  outcome: Outcome;
  /** The HTTP status that the caller was sent. */
  status: number;
  usageSource: UsageSource;
  costMicros: number;
  bytesIn: number;
  bytesOut: number;
}
