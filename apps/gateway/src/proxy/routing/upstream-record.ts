/** Of the first-byte times, how much the newest counts in the mean: the last ten or so are what it tells. */
const NEWEST = 0.2;

export interface UpstreamError {
  /** Without addresses of callers, and without credentials. */
  message: string;
  at: Date;
}

/** What is told of an upstream to its operators; nothing is decided by it. */
export class UpstreamRecord {
  requests = 0;
  /** How many of them were sent because another upstream had failed. */
  retries = 0;
  failures = 0;
  consecutiveFailures = 0;
  lastError: UpstreamError | null = null;
  /** Mean time to the first byte of its latest answers, in milliseconds. */
  firstByteMs: number | null = null;

  sent(isRetry: boolean): void {
    this.requests += 1;
    if (isRetry) this.retries += 1;
  }

  answered(firstByteMs: number | null): void {
    this.consecutiveFailures = 0;
    if (firstByteMs === null) return;
    this.firstByteMs ??= firstByteMs;
    this.firstByteMs += (Math.max(firstByteMs, 0) - this.firstByteMs) * NEWEST;
  }

  failed(error: UpstreamError): void {
    this.failures += 1;
    this.noted(error);
  }

  /** Something went wrong that was no client's request. */
  noted(error: UpstreamError): void {
    this.consecutiveFailures += 1;
    this.lastError = error;
  }
}
