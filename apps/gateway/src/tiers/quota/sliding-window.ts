interface Bucket {
  index: number;
  amount: number;
}

/** A window is kept in this many parts; an amount leaves with its part, so at most 1/60 of the window late. */
const PARTS = 60;

/**
 * What was used in the last `windowMs` milliseconds. It errs towards refusing, by at most 1/60 of the window: in no
 * interval of the window's length, wherever it begins, was more used than {@link used} told. Time is an argument, in
 * milliseconds on any one monotonic scale. Memory is bounded by the number of parts.
 */
export class SlidingWindow {
  private readonly buckets: Bucket[] = [];
  private readonly partMs: number;
  private total = 0;

  constructor(readonly windowMs: number) {
    this.partMs = Math.max(1, Math.ceil(windowMs / PARTS));
  }

  add(nowMs: number, amount: number): void {
    if (amount <= 0) return;
    const index = Math.floor(nowMs / this.partMs);
    const last = this.buckets.at(-1);
    this.total += amount;
    // A clock that stands still or steps back must not put a part out of order.
    if (last !== undefined && last.index >= index) last.amount += amount;
    else this.buckets.push({ index, amount });
  }

  used(nowMs: number): number {
    let first = this.buckets[0];
    while (first !== undefined && this.leavesAt(first) <= nowMs) {
      this.total -= first.amount;
      this.buckets.shift();
      first = this.buckets[0];
    }
    return this.total;
  }

  /** When no more than `amount` is in use, if nothing is added: a time at or after `nowMs`. */
  fallsTo(nowMs: number, amount: number): number {
    let left = this.used(nowMs);
    let at = nowMs;
    for (const bucket of this.buckets) {
      if (left <= amount) break;
      left -= bucket.amount;
      at = this.leavesAt(bucket);
    }
    return at;
  }

  /** When what is added at `nowMs` leaves. */
  leavesAfter(nowMs: number): number {
    return this.leavesAt({ index: Math.floor(nowMs / this.partMs) });
  }

  private leavesAt({ index }: Pick<Bucket, 'index'>): number {
    return (index + 1) * this.partMs + this.windowMs;
  }
}
