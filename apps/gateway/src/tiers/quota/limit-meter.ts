import { SlidingWindow } from './sliding-window.js';
import type { LimitState, TierLimit } from './tier-limit.js';

/** How long to wait for a slot: nobody knows when a running request ends. */
const SLOT_RETRY_MS = 1000;

/** One limit of one subject: what was used in its window, and what running requests may still use. */
export class LimitMeter {
  private readonly window: SlidingWindow | undefined;
  private reserved = 0;

  constructor(windowMs: number | null) {
    this.window = windowMs === null ? undefined : new SlidingWindow(windowMs);
  }

  state(limit: TierLimit, nowMs: number): LimitState {
    const used = this.window?.used(nowMs) ?? 0;
    return {
      limit,
      used,
      reserved: this.reserved,
      remaining: Math.max(0, limit.limit - used - this.reserved),
      resetMs: this.emptyAt(nowMs) - nowMs,
    };
  }

  /** How long until a request would be admitted; 0 where it would be now. */
  waitMs(limit: TierLimit, nowMs: number): number {
    const held = (this.window?.used(nowMs) ?? 0) + this.reserved;
    if (held < limit.limit) return 0;
    if (this.window === undefined) return SLOT_RETRY_MS;
    const freeOnceReservedIsUsed = limit.limit - 1 - this.reserved;
    // What is reserved may be used any moment; it then leaves a whole window later.
    return (
      (freeOnceReservedIsUsed < 0
        ? this.window.leavesAfter(nowMs)
        : this.window.fallsTo(nowMs, freeOnceReservedIsUsed)) - nowMs
    );
  }

  /** Uses `amount` up, now. */
  use(nowMs: number, amount: number): void {
    this.window?.add(nowMs, amount);
  }

  /** Holds up to `amount` of what is left. @returns how much is held */
  reserve(limit: TierLimit, nowMs: number, amount: number): number {
    const held = Math.min(amount, this.state(limit, nowMs).remaining);
    this.reserved += held;
    return held;
  }

  release(held: number): void {
    this.reserved -= held;
  }

  isIdle(nowMs: number): boolean {
    return this.reserved === 0 && (this.window?.used(nowMs) ?? 0) === 0;
  }

  private emptyAt(nowMs: number): number {
    if (this.window === undefined) return nowMs;
    return this.reserved > 0 ? this.window.leavesAfter(nowMs) : this.window.fallsTo(nowMs, 0);
  }
}
