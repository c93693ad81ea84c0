import {
  firstByteSeconds,
  requestSeconds,
  requestsInFlight,
  requestsTotal,
  tokensTotal,
} from '../platform/telemetry/index.js';
import type { Reservation } from '../tiers/index.js';
import { costMicros, type Prices } from './cost.js';
import type { Closing, OpenedEntry } from './ledger/ledger-entry.js';
import type { Measured } from './measured.js';
import { soundTokens, type TokenUsage } from './token-usage.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `UsageInterceptor`; absent before it. */
    meter?: RequestMeter;
  }
}

/** Follows one request from its admission to its end, and makes that end count once: quota, ledger, metrics. */
export class RequestMeter {
  private readonly startedAtMs = performance.now();
  private isClosed = false;

  /** @param enter writes down what the request came to */
  constructor(
    private readonly opened: OpenedEntry,
    private readonly prices: Prices | null,
    private readonly enter: (closing: Closing) => void,
    private readonly reservation: Pick<Reservation, 'settle'> | undefined,
  ) {
    requestsInFlight.inc({ model: opened.model });
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Ends the request. Later calls are ignored, so that whoever learns of the end first may tell it. */
  close(measured: Measured): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const tokens = soundTokens(measured.tokens);
    const cost = costMicros(tokens, this.prices);
    this.enter(this.closing(measured, tokens, cost));
    this.reservation?.settle({ inputTokens: tokens.inputTokens, outputTokens: tokens.outputTokens, costMicros: cost });
    this.observe(measured, tokens);
  }

  private closing(measured: Measured, tokens: TokenUsage, cost: number): Closing {
    const { outcome, status, upstreamId, firstByteAt, bytesOut, usageSource } = measured;
    return {
      firstByteAt,
      endedAt: this.endedAt(firstByteAt),
      upstream: upstreamId,
      outcome,
      status,
      ...tokens,
      usageSource,
      costMicros: cost,
      bytesOut,
    };
  }

  /** From the monotonic clock, so that no entry ends before it began, nor by a rounding before its first byte. */
  private endedAt(firstByteAt: Date | null): Date {
    const endedAtMs = this.opened.startedAt.getTime() + Math.round(performance.now() - this.startedAtMs);
    return new Date(Math.max(endedAtMs, firstByteAt?.getTime() ?? 0));
  }

  private observe({ outcome, firstByteAt }: Measured, tokens: TokenUsage): void {
    const { model, tier } = this.opened;
    requestsInFlight.dec({ model });
    requestsTotal.inc({ model, tier, outcome });
    requestSeconds.observe({ model }, (performance.now() - this.startedAtMs) / 1000);
    if (firstByteAt !== null)
      firstByteSeconds.observe({ model }, Math.max(0, firstByteAt.getTime() - this.opened.startedAt.getTime()) / 1000);
    tokensTotal.inc({ model, tier, kind: 'input' }, tokens.inputTokens - tokens.cachedInputTokens);
    tokensTotal.inc({ model, tier, kind: 'cached_input' }, tokens.cachedInputTokens);
    tokensTotal.inc({ model, tier, kind: 'output' }, tokens.outputTokens - tokens.reasoningTokens);
    tokensTotal.inc({ model, tier, kind: 'reasoning' }, tokens.reasoningTokens);
  }
}
