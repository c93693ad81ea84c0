import { setTimeout as delay } from 'node:timers/promises';
import type { Plan } from './plan.js';
import type { Stage } from './stage.js';

/** Refusals are quick, and a client that asks again at once would ask for nothing else any more. */
const REFUSED_MS = 20;

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
    while (this.running) {
      const { status } = await stage.send(this.nextPlan());
      if (status !== 200) await delay(REFUSED_MS);
    }
  }
}
