import { type Attempt, CircuitBreaker, type Verdict } from './circuit-breaker.js';
import { UpstreamRecord } from './upstream-record.js';

export type HealthState = 'closed' | 'open' | 'half_open' | 'cooling';

/** What the gateway has learnt of one upstream by itself. Times are of one clock that never goes back. */
export class UpstreamHealth {
  readonly record = new UpstreamRecord();
  private readonly breaker = new CircuitBreaker();
  private running = 0;
  private coolUntilMs = 0;

  /** @param heardAtMs when something was last heard of it; at first, when it became known */
  constructor(private heardAtMs = 0) {}

  /** Requests that it is answering. */
  get inFlight(): number {
    return this.running;
  }

  /** Whether it may be sent a request now. */
  isAvailable(nowMs: number): boolean {
    return nowMs >= this.coolUntilMs && this.breaker.admits(nowMs);
  }

  state(nowMs: number): HealthState {
    return nowMs < this.coolUntilMs ? 'cooling' : this.breaker.state(nowMs);
  }

  /** From when on it may be sent a request. */
  get availableAtMs(): number {
    return Math.max(this.coolUntilMs, this.breaker.opensUntilMs);
  }

  /** Whether a check would tell something: it is not well, or no request has told anything for `idleMs`. */
  wantsCheck(nowMs: number, idleMs: number): boolean {
    const state = this.state(nowMs);
    // Whoever asks to be left alone is.
    if (state === 'cooling') return false;
    return state !== 'closed' || (this.running === 0 && nowMs - this.heardAtMs >= idleMs);
  }

  /** A check has told something. */
  checked(passed: boolean, nowMs: number): void {
    this.heardAtMs = nowMs;
    this.breaker.checked(passed, nowMs);
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

  /** Another upstream has answered what this one could not: the request was not at fault. */
  convicted(attempt: Attempt, nowMs: number): void {
    this.breaker.end(attempt, 'failed', nowMs);
  }

  /** @param coolDownMs for how long it wants to be left alone, where it said so by a 429 or 503 */
  end(attempt: Attempt, verdict: Verdict, nowMs: number, coolDownMs = 0): void {
    this.running -= 1;
    this.heardAtMs = nowMs;
    this.breaker.end(attempt, verdict, nowMs);
    // A shorter wish that comes late does not take back a longer one.
    this.coolUntilMs = Math.max(this.coolUntilMs, nowMs + coolDownMs);
  }
}
