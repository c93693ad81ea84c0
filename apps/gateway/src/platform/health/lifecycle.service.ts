import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Slots, type Slotted } from '../collections/index.js';

/** Something that runs and can be told to stop. */
export interface RunningWork extends Slotted {
  /** Ends it now; it tells {@link Lifecycle.end} when it has. */
  cut(): void;
  /** Called at a steady interval while it runs. @param nowMs of a clock that never goes back */
  tick(nowMs: number): void;
  /** Gives up whatever keeps it from its end, such as a client that reads nothing of it. */
  drop(): void;
}

/** How long what is cut, or on its way, may still reach its client. */
export const FAREWELL_MS = 1000;

/** Where the process stands: serving, draining (nothing new, running answers finish), or cutting what is left. */
@Injectable()
export class Lifecycle {
  private readonly cutting = new AbortController();
  private readonly running = new Slots<RunningWork>();
  private isDraining = false;
  /** Set while somebody waits for the end of all that runs. */
  private onIdle: (() => void) | undefined;

  get draining(): boolean {
    return this.isDraining;
  }

  /** Aborted when the time to drain is over, for who runs seldom; requests are told by {@link RunningWork.cut}. */
  get cutSignal(): AbortSignal {
    return this.cutting.signal;
  }

  /** Counts `work` among what a drain waits for, until {@link end}. What begins when the time is over is cut at once. */
  begin(work: RunningWork): void {
    this.running.add(work);
    if (this.cutting.signal.aborted) work.cut();
  }

  /** Lets all that runs look at the clock. */
  tick(nowMs: number): void {
    for (const work of [...this.running.all()]) work.tick(nowMs);
  }

  end(work: RunningWork): void {
    if (this.running.delete(work) && this.running.size === 0) this.onIdle?.();
  }

  /** Resolves when nothing runs any more; after `timeoutMs` what still runs is cut, and a second later dropped. */
  async drain(timeoutMs: number): Promise<void> {
    this.isDraining = true;
    const timers = [
      setTimeout(() => this.cut(), timeoutMs),
      setTimeout(() => this.running.all().forEach(work => work.drop()), timeoutMs + FAREWELL_MS),
    ];
    while (this.running.size > 0) {
      await new Promise<void>(resolve => (this.onIdle = resolve));
      // A request that one upstream failed goes on with the next before this turn is over.
      await nextTurn();
    }
    timers.forEach(clearTimeout);
  }

  private cut(): void {
    this.cutting.abort();
    for (const work of this.running.all()) work.cut();
  }
}
