/** Ticks no more often: a timer's finest. */
const TICK_MS = 1;

/** Lets things take their turns at a steady rate, evenly spread over each second. */
export class Pacer {
  private readonly timer: NodeJS.Timeout;
  private next = 0;
  private begunAt = performance.now();
  private done = 0;

  /** @param turns asked for at each tick, as they may become more */
  constructor(
    private readonly turns: readonly (() => void)[],
    private perSecond: number,
  ) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** @param perSecond turns of all together */
  setRate(perSecond: number): void {
    this.perSecond = perSecond;
    this.begunAt = performance.now();
    this.done = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const due = Math.floor(((performance.now() - this.begunAt) / 1000) * this.perSecond) - this.done;
    this.done += due;
    // Who comes late by more than a round has missed it: what did not fit is told by the events that were counted.
    for (let left = Math.min(due, this.turns.length); left > 0; left -= 1) {
      this.turns[this.next]?.();
      this.next = (this.next + 1) % this.turns.length;
    }
  }
}
