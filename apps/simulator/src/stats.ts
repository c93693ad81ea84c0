import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from './exchange.js';

/** What the simulator has seen since its start or the last reset; only calls of the API count. */
export class Stats {
  private requests = 0;
  private active = 0;
  private aborted = 0;
  private lastHeaders: IncomingHttpHeaders | null = null;
  private lastBody: unknown = null;
  private epoch = 0;

  /** Counts a request now, and its end when it comes. */
  opened(exchange: Exchange): void {
    const { epoch } = this;
    this.requests++;
    this.active++;
    this.lastHeaders = exchange.request.headers;
    this.lastBody = null;
    exchange.response.once('close', () => {
      this.active--;
      const left = !exchange.response.writableFinished && !exchange.severed;
      // A request of before the reset ends unseen, or the next test would count it as its own.
      if (left && epoch === this.epoch) this.aborted++;
    });
  }

  received(body: unknown): void {
    this.lastBody = body;
  }

  reset(): void {
    this.epoch++;
    this.requests = 0;
    this.aborted = 0;
    this.lastHeaders = null;
    this.lastBody = null;
  }

  get snapshot() {
    const { requests, active, aborted, lastHeaders, lastBody } = this;
    return { requests, active, aborted, lastHeaders, lastBody };
  }
}
