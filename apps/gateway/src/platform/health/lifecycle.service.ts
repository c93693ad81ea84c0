import { Injectable } from '@nestjs/common';
import { setMaxListeners } from 'node:events';

/** Where the process stands: serving, draining (nothing new, running answers finish), or cutting what is left. */
@Injectable()
export class Lifecycle {
  private readonly cut = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private isDraining = false;

  constructor() {
    // Every running request listens; Node would take more than ten for a leak, and say so on stderr.
    setMaxListeners(0, this.cut.signal);
  }

  get draining(): boolean {
    return this.isDraining;
  }

  /** Aborted when the time to drain is over; what still runs then ends as `interrupted`. */
  get cutSignal(): AbortSignal {
    return this.cut.signal;
  }

  /** Counts `work` among what a drain waits for. */
  track(work: Promise<unknown>): void {
    this.running.add(work);
    const forget = () => void this.running.delete(work);
    work.then(forget, forget);
  }

  /** Resolves when nothing runs any more; after `timeoutMs` what still runs is cut. */
  async drain(timeoutMs: number): Promise<void> {
    this.isDraining = true;
    const timer = setTimeout(() => this.cut.abort(), timeoutMs);
    await Promise.allSettled(this.running);
    clearTimeout(timer);
  }
}
