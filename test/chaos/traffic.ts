import type { Plan } from './plan.js';
import type { Stage } from './stage.js';

/** Keeps a number of requests running until it is stopped. */
export class Traffic {
  private readonly clients: Promise<void>[];
  private running = true;

  constructor(
    stage: Stage,
    private readonly nextPlan: () => Plan,
    concurrency: number,
  ) {
    this.clients = Array.from({ length: concurrency }, () => this.client(stage));
  }

  /** Sends nothing new, and waits until what runs is over. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.clients);
  }

  private async client(stage: Stage): Promise<void> {
    while (this.running) await stage.send(this.nextPlan());
  }
}
