import type { TokenUsage, UsageSource } from '../token-usage.js';

export type Outcome = 'completed' | 'client_aborted' | 'upstream_failed' | 'timed_out' | 'interrupted';

/** What an admitted request was made with; identity tokens do not reach the data plane. */
interface LedgerCredential {
  type: 'token' | 'api_key';
  /** The token's `jti`, or the key's public id. */
  id: string;
}

/** What is known of a request when it is admitted. */
interface AdmittedRequest {
  /** A UUIDv7 of the gateway's own, never of the caller's choosing. */
  id: string;
  requestId: string;
  startedAt: Date;
  subject: string;
  tier: string;
  credential: LedgerCredential;
  model: string;
  /** The path after `/v1/`, such as `chat/completions`. */
  endpoint: string;
  streamed: boolean;
  bytesIn: number;
}

/** A request that goes upstream next. */
export interface OpenedEntry extends AdmittedRequest {
  /** What is charged if nobody ever learns what it came to: the prompt's estimate and the request's own cap. */
  estimate: { inputTokens: number; outputTokens: number; costMicros: number };
}

/** What a request came to. */
export interface Closing extends TokenUsage {
  firstByteAt: Date | null;
  endedAt: Date;
  /** The id of the upstream that was asked last. */
  upstream: string | null;
  /** The upstream's own name for the model. */
  upstreamModel: string | null;
  /** Number of upstreams that were asked; `null` where the process died before it was written. */
  attempts: number | null;
  outcome: Outcome;
  /** The HTTP status that the caller was sent. */
  status: number;
  usageSource: UsageSource;
  costMicros: number;
  bytesOut: number;
}

/** One admitted request with what it came to, as the journal has it and Postgres takes it: no prompt and no answer in it. */
export interface WrittenEntry {
  readonly id: string;
  readonly startedAt: Date;
  /** The members of the request and of its end; as bytes where it was read again, which are good until the next are. */
  readonly json: string | Buffer;
}

/** The same as it was put together. */
export interface EndedEntry extends WrittenEntry {
  readonly json: string;
}
