import { type Amounts, amountsOf, ONE_REQUEST } from './amounts.js';
import { type Demand, holdOf, needOf, outputWithin, sharedByChoices } from './demand.js';
import { leftOf, type Standing, stateOf, waitMs } from './limit-check.js';
import type { Admission } from './reservation.js';
import { RunningRequests } from './running-requests.js';
import { SlidingWindow } from './sliding-window.js';
import { SubjectReservation } from './subject-reservation.js';
import { covers, type LimitState, type TierLimit } from './tier-limit.js';
import type { WindowKind, WindowKinds } from './window-kinds.js';

/** All that counts against one subject's limits. A decision is one synchronous step: no request can come between. */
export class SubjectQuota {
  private readonly windows = new Map<WindowKind, SlidingWindow>();
  private readonly running = new RunningRequests();

  constructor(private readonly kinds: WindowKinds) {}

  /** Takes what was used at `atMs`, before this process or this kind of window was there. */
  restore(kind: WindowKind, atMs: number, amounts: Amounts): void {
    this.windowOf(kind).add(atMs, amounts);
  }

  /** Counts what runs now in windows that were not there when it was admitted. */
  countRunning(kinds: readonly WindowKind[], nowMs: number): void {
    for (const kind of kinds) {
      const { requests } = this.running.held(kind.modelId);
      if (requests > 0) this.windowOf(kind).add(nowMs, amountsOf(requests));
    }
  }

  describe(limits: readonly TierLimit[], nowMs: number): LimitState[] {
    return limits.map(limit => stateOf(this.standingOf(limit), nowMs));
  }

  /** Admits while each limit has something left; in a strict tier, the least that the request can come to. */
  admit(limits: readonly TierLimit[], demand: Demand, now: () => number): Admission {
    const nowMs = now();
    const { modelId, strict } = demand;
    let refusal: { limit: TierLimit; retryAfterMs: number } | undefined;
    let room = Number.POSITIVE_INFINITY;
    for (const limit of limits) {
      if (!covers(limit, modelId)) continue;
      const standing = this.standingOf(limit);
      const retryAfterMs = waitMs(standing, needOf(limit.unit, demand), nowMs);
      if (retryAfterMs > (refusal?.retryAfterMs ?? 0)) refusal = { limit, retryAfterMs };
      if (strict !== undefined) room = Math.min(room, outputWithin(limit.unit, leftOf(standing, nowMs), strict));
    }
    if (refusal !== undefined) return { admitted: false, ...refusal, states: this.describe(limits, nowMs) };
    const granted =
      strict === undefined || room === Number.POSITIVE_INFINITY
        ? undefined
        : sharedByChoices(Math.min(room, demand.outputTokens), strict);
    const hold = holdOf(demand, granted);
    this.record(modelId, nowMs, ONE_REQUEST);
    this.running.begin(modelId, hold);
    return { admitted: true, reservation: new SubjectReservation(this, limits, modelId, hold, granted, now) };
  }

  /** A request that ran has ended: what it held is free, and what it used is counted at `atMs`. */
  end(modelId: string, hold: Amounts, atMs: number, amounts: Amounts): void {
    this.running.end(modelId, hold);
    this.record(modelId, atMs, amounts);
  }

  /** Nothing is used and nothing runs: the subject may be forgotten. Windows that nobody asks about go at once. */
  isIdle(nowMs: number): boolean {
    for (const [kind, window] of this.windows)
      if (window.isEmpty(nowMs) || !this.kinds.has(kind)) this.windows.delete(kind);
    return this.windows.size === 0 && this.running.isEmpty;
  }

  private record(modelId: string, atMs: number, amounts: Amounts): void {
    for (const kind of this.kinds.covering(modelId)) this.windowOf(kind).add(atMs, amounts);
  }

  private standingOf(limit: TierLimit): Standing {
    const kind = this.kinds.of(limit);
    return {
      limit,
      window: kind && (this.windows.get(kind) ?? new SlidingWindow(kind.windowMs)),
      held: this.running.held(limit.modelId),
    };
  }

  private windowOf(kind: WindowKind): SlidingWindow {
    let window = this.windows.get(kind);
    if (window === undefined) this.windows.set(kind, (window = new SlidingWindow(kind.windowMs)));
    return window;
  }
}
