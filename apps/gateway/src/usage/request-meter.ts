import { ApiError } from '../platform/errors/index.js';
import { type RequestTally, tallyOf } from '../platform/telemetry/index.js';
import type { Reservation } from '../tiers/index.js';
import { costMicros, type Prices } from './cost.js';
import type { Closing, OpenedEntry, Outcome } from './ledger/ledger-entry.js';
import type { Measured } from './measured.js';
import { soundTokens, type TokenUsage, zeroTokens } from './token-usage.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `LedgerGuard`; absent before it. */
    meter?: RequestMeter;
  }
}

/** Follows one request from its admission to its end, and makes that end count once: quota, ledger, metrics. */
export class RequestMeter {
  private readonly startedAtMs = performance.now();
  private readonly tally: RequestTally;
  /** Of having been written down. */
  private end: Promise<void> | undefined;
  /** What the request was charged; `undefined` until it has ended, and where nothing was served. */
  charged: TokenUsage | undefined;

  /** @param enter writes down what the request came to, and promises when that outlives the process */
  constructor(
    private readonly opened: OpenedEntry,
    private readonly prices: Prices | null,
    private readonly enter: (closing: Closing) => Promise<void>,
    private readonly reservation: Pick<Reservation, 'settle'> | undefined,
  ) {
    this.tally = tallyOf(opened.model, opened.tier);
    this.tally.inFlight++;
  }

  get closed(): boolean {
    return this.end !== undefined;
  }

  /**
   * Ends the request. Later calls are ignored, so that whoever learns of the end first may tell it.
   * @returns a promise that the end outlives the process
   */
  close(measured: Measured): Promise<void> {
    if (this.end !== undefined) return this.end;
    const lastedMs = performance.now() - this.startedAtMs;
    const tokens = soundTokens(measured.tokens);
    const cost = costMicros(tokens, this.prices);
    const { inputTokens, outputTokens } = tokens;
    if (measured.usageSource !== 'none') this.charged = tokens;
    this.end = this.enter(this.closing(measured, tokens, cost, lastedMs));
    this.reservation?.settle({ inputTokens, outputTokens, costMicros: cost });
    this.observe(measured, tokens, lastedMs);
    return this.end;
  }

  /** Ends a request that is answered with an error, and of which nothing was served; as {@link close} does. */
  fail(error: unknown): Promise<void> {
    return this.close({
      outcome: outcomeOf(error),
      status: error instanceof ApiError ? error.status : 500,
      upstream: null,
      attempts: 0,
      firstByteAt: null,
      bytesOut: 0,
      tokens: zeroTokens,
      usageSource: 'none',
    });
  }

  /** Field by field, here and wherever each request passes: to spread an object costs several times as much. */
  private closing(measured: Measured, tokens: TokenUsage, cost: number, lastedMs: number): Closing {
    const { firstByteAt } = measured;
    return {
      firstByteAt,
      endedAt: this.endedAt(firstByteAt, lastedMs),
      upstream: measured.upstream?.id ?? null,
      upstreamModel: measured.upstream?.model ?? null,
      attempts: measured.attempts,
      outcome: measured.outcome,
      status: measured.status,
      inputTokens: tokens.inputTokens,
      cachedInputTokens: tokens.cachedInputTokens,
      outputTokens: tokens.outputTokens,
      reasoningTokens: tokens.reasoningTokens,
      usageSource: measured.usageSource,
      costMicros: cost,
      bytesOut: measured.bytesOut,
    };
  }

  /** From the monotonic clock, so that no entry ends before it began, nor by a rounding before its first byte. */
  private endedAt(firstByteAt: Date | null, lastedMs: number): Date {
    const endedAtMs = this.opened.startedAt.getTime() + Math.round(lastedMs);
    return new Date(Math.max(endedAtMs, firstByteAt?.getTime() ?? 0));
  }

  private observe({ outcome, firstByteAt }: Measured, tokens: TokenUsage, lastedMs: number): void {
    const { tally } = this;
    tally.inFlight--;
    tally.ended(outcome);
    tally.durations.observe(lastedMs / 1000);
    if (firstByteAt !== null)
      tally.firstBytes.observe(Math.max(0, firstByteAt.getTime() - this.opened.startedAt.getTime()) / 1000);
    tally.tokens.input += tokens.inputTokens - tokens.cachedInputTokens;
    tally.tokens.cached_input += tokens.cachedInputTokens;
    tally.tokens.output += tokens.outputTokens - tokens.reasoningTokens;
    tally.tokens.reasoning += tokens.reasoningTokens;
  }
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof ApiError) || error.status === 500) return 'interrupted';
  return error.status === 504 ? 'timed_out' : 'upstream_failed';
}
