export interface RetrySettings {
  /** What each request adds to what may be spent on retries: at this share of the traffic an outage is not amplified. */
  share: number;
  /** Retries that may be spent before any request has added to them, so that the first failure is not a client's. */
  reserve: number;
  /** The most that is saved for later. */
  capacity: number;
}

export const RETRIES: RetrySettings = { share: 0.2, reserve: 10, capacity: 100 };

/** Bounds how many requests to a model's upstreams are retries: a token bucket that is filled by the requests. */
export class RetryBudget {
  private saved: number;

  constructor(private readonly settings: RetrySettings = RETRIES) {
    this.saved = settings.reserve;
  }

  /** A client's request was sent for the first time. */
  earn(): void {
    this.saved = Math.min(this.saved + this.settings.share, this.settings.capacity);
  }

  /** @returns whether a retry may be made; it is paid for then */
  spend(): boolean {
    // Fifths do not add up to ones in binary.
    if (this.saved < 1 - 1e-9) return false;
    this.saved = Math.max(0, this.saved - 1);
    return true;
  }
}
