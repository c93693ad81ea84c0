/** Upper bounds of the buckets of all durations, in seconds. */
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;

/** How many durations fell into each bucket, and their sum. */
export class DurationCounts {
  /** One more than there are bounds: the last is of what is longer than all. */
  private readonly buckets = new Float64Array(BOUNDS.length + 1);
  sumSeconds = 0;

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sumSeconds += seconds;
  }

  add(other: DurationCounts): void {
    other.buckets.forEach((count, bucket) => (this.buckets[bucket] = (this.buckets[bucket] ?? 0) + count));
    this.sumSeconds += other.sumSeconds;
  }

  get count(): number {
    return this.buckets.reduce((sum, count) => sum + count, 0);
  }

  /** How many were no longer than each bound, as Prometheus asks for it. */
  cumulative(): number[] {
    let sum = 0;
    return BOUNDS.map((_, bucket) => (sum += this.buckets[bucket] ?? 0));
  }
}
