import { once } from 'node:events';
import { request, Agent, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 2;

/** Asks a server for its health all the time, and keeps the longest time that an answer took. */
export class EventLoopProbe {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private ended = false;
  private mostMs = 0;
  private readonly done: Promise<void>;

  constructor(private readonly url: string) {
    this.done = this.ask();
  }

  /** Longest time since the last call, in milliseconds. */
  take(): number {
    const { mostMs } = this;
    this.mostMs = 0;
    return mostMs;
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.done;
    this.agent.destroy();
  }

  private async ask(): Promise<void> {
    while (!this.ended) {
      const startedAtMs = performance.now();
      const sent = request(this.url, { agent: this.agent }).end();
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      this.mostMs = Math.max(this.mostMs, performance.now() - startedAtMs);
      await delay(EVERY_MS);
    }
  }
}
