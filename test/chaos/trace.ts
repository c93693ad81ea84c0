import type { Plan } from './plan.js';

/** One request as its two ends saw it: what the client got, and what the upstream got and gave. Times are monotonic. */
export class Trace {
  /** Of the answer that the client got; absent where it got none. */
  status: number | undefined;
  /** The body of a refusal. */
  refusal = '';
  tokensSeen = 0;
  private isWhole = false;
  /** When the client left by its own will. */
  leftAtMs: number | undefined;
  /** How often the request came to the upstream. */
  arrivals = 0;
  /** Called when it does. */
  onArrival: () => void = () => undefined;
  tokensSent = 0;
  /** When the upstream saw that nobody waited for its answer any more. */
  abandonedAtMs: number | undefined;

  /** @param onWhole called at the moment at which the client has the last byte */
  constructor(
    readonly plan: Plan,
    private readonly onWhole: () => void = () => undefined,
  ) {}

  /** The client has the last byte: `[DONE]`, or the whole of a unary answer. */
  get whole(): boolean {
    return this.isWhole;
  }

  arrived(): void {
    this.arrivals += 1;
    this.onArrival();
  }

  completed(): void {
    this.isWhole = true;
    this.onWhole();
  }

  /** How long the upstream worked for a client that had left; absent where either did not come to pass. */
  get abortMs(): number | undefined {
    if (this.leftAtMs === undefined || this.abandonedAtMs === undefined) return undefined;
    return this.abandonedAtMs - this.leftAtMs;
  }
}
