import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { END, EVENT } from './stream.bytes.js';
import type { StreamSamples } from './stream.samples.js';

export interface StreamPlan {
  /** Asked for each time, because what is measured begins and ends while a stream goes on. */
  samples: () => StreamSamples;
  /** How many events it writes before it ends by itself. */
  events: number;
  /** Whether each event waits until the one before has arrived; else somebody else calls `write()`. */
  inTurn: boolean;
}

let nextId = 1;

/** One stream as both of its ends see it. Both are in this process, so one clock tells how long an event was under way. */
export class RelayedStream {
  readonly id = nextId++;
  private upstream: Socket | undefined;
  private written = 0;
  private finished = false;
  /** When each of the events under way was written. */
  private readonly writtenAt: number[] = [];
  private askedAt = 0;
  private arrivedAt: number | undefined;

  constructor(private readonly plan: StreamPlan) {}

  // The upstream's end.

  /** The question has come in whole. */
  begin(upstream: Socket): void {
    this.upstream = upstream;
    this.write();
  }

  /** Writes an event, or the end where there are no more. */
  write(): void {
    if (this.upstream === undefined || this.finished) return;
    if (this.written === this.plan.events) return this.finish();
    this.written += 1;
    this.writtenAt.push(performance.now());
    this.upstream.write(EVENT);
  }

  finish(): void {
    if (this.upstream === undefined || this.finished) return;
    this.finished = true;
    this.upstream.write(END);
  }

  // The client's end.

  /** Resolves when its first byte has arrived. @param check throws where it never will */
  async begun(check: () => void): Promise<void> {
    while (this.arrivedAt === undefined) {
      check();
      await delay(1);
    }
  }

  asked(): void {
    this.askedAt = performance.now();
  }

  /** Bytes have come in, with so many events in them. */
  arrived(events: number): void {
    const now = performance.now();
    const samples = this.plan.samples();
    if (this.arrivedAt === undefined) samples.firstByteMs.push(now - this.askedAt);
    else if (events > 0) samples.gapMs.push(now - this.arrivedAt);
    this.arrivedAt = now;
    if (events === 0) return;
    samples.reads += 1;
    for (let left = events; left > 0; left -= 1) samples.delayMs.push(now - (this.writtenAt.shift() ?? Number.NaN));
    if (this.plan.inTurn) this.write();
  }
}
