export interface RetrySettings {
  /** How many of `requests` in a row may be retries, whatever happens. */
  retries: number;
  requests: number;
}

/** At a fifth of the traffic an outage is not amplified; and all that a dying server held may be asked for again. */
export const RETRIES: RetrySettings = { retries: 100, requests: 500 };

/** The window moves by a part of it at a time, and errs by that towards refusing. */
const PARTS = 10;

/**
 * Bounds how many requests to a model's upstreams are retries: in no stretch of `requests` of its requests, wherever it
 * begins, are more than `retries` made. It counts requests and knows no time: a quiet model's past is as good as a busy
 * one's.
 */
export class RetryBudget {
  /** Retries that were made during each part of the window; the last is the one that fills up now. */
  private readonly parts: number[] = [0];
  private requests = 0;
  private retries = 0;

  constructor(private readonly settings: RetrySettings = RETRIES) {}

  /** A client's request was sent for the first time. */
  earn(): void {
    this.requests += 1;
    if (this.requests < this.settings.requests / PARTS) return;
    this.requests = 0;
    this.parts.push(0);
    // Those before the one that fills up cover the window by themselves.
    if (this.parts.length > PARTS + 1) this.retries -= this.parts.shift() ?? 0;
  }

  /** @returns whether a retry may be made; it is paid for then */
  spend(): boolean {
    if (this.retries >= this.settings.retries) return false;
    this.retries += 1;
    this.parts.push((this.parts.pop() ?? 0) + 1);
    return true;
  }
}
