import {
  firstByteSeconds,
  requestSeconds,
  requestsInFlight,
  requestsTotal,
  tokensTotal,
} from '../platform/telemetry/index.js';
import type { Reservation } from '../tiers/index.js';
import { costMicros, type Prices } from './cost.js';
import type { LedgerCredential, LedgerEntry } from './ledger/ledger-entry.js';
import type { Measured } from './measured.js';
import { soundTokens, type TokenUsage } from './token-usage.js';

/** What is known of a request when it is admitted. */
export interface Admission {
  id: string;
  requestId: string;
  subject: string;
  tier: string;
  credential: LedgerCredential;
  model: string;
  endpoint: string;
  prices: Prices | null;
}

/** Where closed entries go. */
export interface Ledger {
  append(entry: LedgerEntry): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `UsageInterceptor`; absent before it. */
    meter?: RequestMeter;
  }
}

/** Follows one request from its admission to its end, and makes that end count once: quota, ledger, metrics. */
export class RequestMeter {
  readonly startedAt = new Date();
  private readonly startedAtMs = performance.now();
  private isClosed = false;

  constructor(
    private readonly admission: Admission,
    private readonly ledger: Ledger,
    private readonly reservation: Reservation | undefined,
  ) {
    requestsInFlight.inc({ model: admission.model });
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Ends the request. Later calls are ignored, so that whoever learns of the end first may tell it. */
  close(measured: Measured): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const tokens = soundTokens(measured.tokens);
    const cost = costMicros(tokens, this.admission.prices);
    this.ledger.append(this.entry(measured, tokens, cost));
    this.reservation?.settle({ inputTokens: tokens.inputTokens, outputTokens: tokens.outputTokens, costMicros: cost });
    this.observe(measured, tokens);
  }

  private entry(measured: Measured, tokens: TokenUsage, cost: number): LedgerEntry {
    const { id, requestId, subject, tier, credential, model, endpoint } = this.admission;
    const { outcome, status, upstreamId, firstByteAt, bytesIn, bytesOut, streamed, usageSource } = measured;
    // From the monotonic clock, so that no entry ends before it began.
    const endedAt = new Date(this.startedAt.getTime() + Math.round(performance.now() - this.startedAtMs));
    return {
      id,
      requestId,
      startedAt: this.startedAt,
      firstByteAt,
      endedAt,
      subject,
      tier,
      credential,
      model,
      upstream: upstreamId,
      endpoint,
      streamed,
      outcome,
      status,
      ...tokens,
      usageSource,
      costMicros: cost,
      bytesIn,
      bytesOut,
    };
  }

  private observe({ outcome, firstByteAt }: Measured, tokens: TokenUsage): void {
    const { model, tier } = this.admission;
    requestsInFlight.dec({ model });
    requestsTotal.inc({ model, tier, outcome });
    requestSeconds.observe({ model }, (performance.now() - this.startedAtMs) / 1000);
    if (firstByteAt !== null)
      firstByteSeconds.observe({ model }, Math.max(0, firstByteAt.getTime() - this.startedAt.getTime()) / 1000);
    tokensTotal.inc({ model, tier, kind: 'input' }, tokens.inputTokens - tokens.cachedInputTokens);
    tokensTotal.inc({ model, tier, kind: 'cached_input' }, tokens.cachedInputTokens);
    tokensTotal.inc({ model, tier, kind: 'output' }, tokens.outputTokens - tokens.reasoningTokens);
    tokensTotal.inc({ model, tier, kind: 'reasoning' }, tokens.reasoningTokens);
  }
}
