/** Time in which a body may be as slow as it likes: a connection that has just begun says little. */
export const GRACE_MS = 10_000;

/**
 * Tells whether a body arrives too slowly. Only time in which the gateway reads is counted, so that a body which waits for
 * a slow upstream is not blamed for it.
 */
export class BodyPace {
  private readMs = 0;
  private readingSinceMs: number | undefined;
  private bytes = 0;

  /** @param minBytesPerSecond after a grace of ten seconds; 0 for any rate */
  constructor(private readonly minBytesPerSecond: number) {}

  /** Reading begins or goes on. */
  begin(nowMs: number): void {
    this.readingSinceMs ??= nowMs;
  }

  /** Reading pauses. */
  pause(nowMs: number): void {
    if (this.readingSinceMs !== undefined) this.readMs += nowMs - this.readingSinceMs;
    this.readingSinceMs = undefined;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  isTooSlow(nowMs: number): boolean {
    const readMs = this.readMs + (this.readingSinceMs === undefined ? 0 : nowMs - this.readingSinceMs);
    return readMs > GRACE_MS && this.bytes * 1000 < this.minBytesPerSecond * (readMs - GRACE_MS);
  }
}
