import { Injectable } from '@nestjs/common';

interface Waiter {
  readonly isGone: () => boolean;
  readonly proceed: (stillThere: boolean) => void;
}

/**
 * Spreads expensive synchronous work over turns of the event loop: each turn, one of those who wait goes on, in the order in
 * which they came. All other requests of a turn are served in between.
 */
@Injectable()
export class LoopTurns {
  private readonly waiting: Waiter[] = [];

  /**
   * Resolves in a later turn of the event loop.
   * @param isGone whether the client has left; whoever has takes no turn, so that requests which are broken off do not pile up
   * @returns whether the client is still there
   */
  next(isGone: () => boolean): Promise<boolean> {
    return new Promise(proceed => {
      this.waiting.push({ isGone, proceed });
      if (this.waiting.length === 1) setImmediate(this.turn);
    });
  }

  private readonly turn = (): void => {
    let worked = false;
    while (!worked && this.waiting.length > 0) {
      const waiter = this.waiting[0];
      worked = waiter?.isGone() === false;
      waiter?.proceed(worked);
      this.waiting.shift();
    }
    if (this.waiting.length > 0) setImmediate(this.turn);
  };
}
