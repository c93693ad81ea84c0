import { type Attempt, CircuitBreaker, type Verdict } from './circuit-breaker.js';

/** What the gateway has learnt of one upstream from its own requests. Times are of one clock that never goes back. */
export class UpstreamHealth {
  private readonly breaker = new CircuitBreaker();
  private running = 0;
  private coolUntilMs = 0;

  /** Requests that it is answering. */
  get inFlight(): number {
    return this.running;
  }

  /** Whether it may be sent a request now. */
  isAvailable(nowMs: number): boolean {
    return nowMs >= this.coolUntilMs && this.breaker.admits(nowMs);
  }

  state(nowMs: number): 'closed' | 'open' | 'half_open' | 'cooling' {
    return nowMs < this.coolUntilMs ? 'cooling' : this.breaker.state(nowMs);
  }

  /** A request is sent to it; `end` follows exactly once. */
  begin(): Attempt {
    this.running += 1;
    return this.breaker.begin();
  }

  /** Its answer has begun, which is enough to know that it is back; `end` is yet to come. */
  answered(attempt: Attempt, nowMs: number): void {
    this.breaker.end(attempt, 'healthy', nowMs);
  }

  /** @param coolDownMs for how long it wants to be left alone, where it said so by a 429 or 503 */
  end(attempt: Attempt, verdict: Verdict, nowMs: number, coolDownMs = 0): void {
    this.running -= 1;
    this.breaker.end(attempt, verdict, nowMs);
    // A shorter wish that comes late does not take back a longer one.
    this.coolUntilMs = Math.max(this.coolUntilMs, nowMs + coolDownMs);
  }
}
