import type { ThrottlerStorage } from '@nestjs/throttler';
import { SlidingCount } from './sliding-count.js';

/** Trackers that are remembered for each throttler: a flood from many addresses must not fill memory. */
const MAX_TRACKERS = 50_000;
/** Idle trackers that are dropped for each new one, at most: those of a flood that is over go twice as fast as new ones come. */
const DROPPED_WITH_EACH = 2;
const SECOND_MS = 1000;

const monotonicMs = (): number => performance.now();

/**
 * Counts hits by throttler and tracker in windows that slide, in this process alone. A hit that is refused is not counted, so
 * that a client which does not wait is let in no later than one that does.
 */
export class CountsThrottlerStorage implements ThrottlerStorage {
  /** By throttler and then by tracker, those hit longest ago first. */
  private readonly counts = new Map<string, Map<string, SlidingCount>>();

  constructor(
    private readonly now: () => number = monotonicMs,
    private readonly maxTrackers = MAX_TRACKERS,
  ) {}

  /** @param ttl the window in milliseconds. @returns waits in whole seconds, as the throttler's guard wants them */
  increment(
    key: string,
    ttl: number,
    limit: number,
    _blockDuration: number,
    throttlerName: string,
  ): ReturnType<ThrottlerStorage['increment']> {
    const nowMs = this.now();
    const count = this.countOf(throttlerName, key, ttl, nowMs);
    const used = count.countAt(nowMs);
    const isBlocked = used >= limit;
    if (!isBlocked) count.add(nowMs);
    const wait = Math.ceil(count.untilFewerMs(nowMs) / SECOND_MS);
    return Promise.resolve({
      totalHits: used + 1,
      timeToExpire: wait,
      isBlocked,
      timeToBlockExpire: isBlocked ? wait : 0,
    });
  }

  private countOf(throttlerName: string, key: string, windowMs: number, nowMs: number): SlidingCount {
    let counts = this.counts.get(throttlerName);
    if (counts === undefined) this.counts.set(throttlerName, (counts = new Map<string, SlidingCount>()));
    const known = counts.get(key);
    if (known === undefined) this.makeRoom(counts, nowMs);
    else counts.delete(key);
    const count = known ?? new SlidingCount(windowMs);
    // A copy, because a key that was cut out of a header keeps all of the request's head alive.
    counts.set(Buffer.from(key).toString(), count);
    return count;
  }

  private makeRoom(counts: Map<string, SlidingCount>, nowMs: number): void {
    let dropped = 0;
    for (const [key, count] of counts) {
      if (counts.size < this.maxTrackers && (dropped === DROPPED_WITH_EACH || !count.isEmptyAt(nowMs))) return;
      counts.delete(key);
      dropped++;
    }
  }
}
