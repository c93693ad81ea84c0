import { type Amounts, type Consumption, NO_REQUEST, usedBy } from './amounts.js';
import type { Reservation } from './reservation.js';
import type { LimitState, TierLimit } from './tier-limit.js';

/** Whose limits they are. */
interface Holder {
  describe(limits: readonly TierLimit[], nowMs: number): LimitState[];
  end(modelId: string, hold: Amounts, atMs: number, amounts: Amounts): void;
}

/** What one admitted request holds of its subject's limits. */
export class SubjectReservation implements Reservation {
  private readonly admittedAtMs: number;
  private open = true;

  /** @param now milliseconds, on the scale of the holder's windows */
  constructor(
    private readonly holder: Holder,
    private readonly limits: readonly TierLimit[],
    private readonly modelId: string,
    private readonly hold: Amounts,
    readonly outputTokens: number | undefined,
    private readonly now: () => number,
  ) {
    this.admittedAtMs = now();
  }

  describe(): LimitState[] {
    return this.holder.describe(this.limits, this.now());
  }

  settle(actual: Consumption): void {
    this.end(this.now(), usedBy(actual));
  }

  release(): void {
    this.end(this.admittedAtMs, NO_REQUEST);
  }

  private end(atMs: number, amounts: Amounts): void {
    if (!this.open) return;
    this.open = false;
    this.holder.end(this.modelId, this.hold, atMs, amounts);
  }
}
