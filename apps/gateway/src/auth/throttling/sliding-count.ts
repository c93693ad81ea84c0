interface Part {
  readonly index: number;
  count: number;
}

/** A window is kept in this many parts, so that memory does not grow with the count. Hits leave with their part. */
const PARTS = 20;

/**
 * Counts hits in a sliding window. In no interval of `windowMs` are there more hits than {@link countAt} said; a hit is
 * counted for up to 1/20 of the window too long. Time is an argument, in milliseconds on a monotonic scale.
 */
export class SlidingCount {
  private readonly parts: Part[] = [];
  private readonly partMs: number;
  private total = 0;

  constructor(readonly windowMs: number) {
    this.partMs = windowMs / PARTS;
  }

  add(nowMs: number): void {
    const index = Math.floor(nowMs / this.partMs);
    const newest = this.parts.at(-1);
    if (newest?.index === index) newest.count++;
    else this.parts.push({ index, count: 1 });
    this.total++;
  }

  countAt(nowMs: number): number {
    for (let oldest = this.parts[0]; oldest !== undefined && this.endOf(oldest) <= nowMs; oldest = this.parts[0]) {
      this.total -= oldest.count;
      this.parts.shift();
    }
    return this.total;
  }

  /** The time until some of the counted hits leave, in milliseconds; 0 where there are none. */
  untilFewerMs(nowMs: number): number {
    const oldest = this.parts[0];
    return oldest === undefined ? 0 : Math.max(0, this.endOf(oldest) - nowMs);
  }

  /** Whether all hits have left. */
  isEmptyAt(nowMs: number): boolean {
    const newest = this.parts.at(-1);
    return newest === undefined || this.endOf(newest) <= nowMs;
  }

  private endOf({ index }: Part): number {
    return (index + 1) * this.partMs + this.windowMs;
  }
}
