/**
 * What an attempt told of the upstream's health. `suspect`: it answered with an error of its own, which may be the
 * request's fault; `unknown`: the client left, say.
 */
export type Verdict = 'healthy' | 'failed' | 'suspect' | 'unknown';

export interface BreakerSettings {
  /** Failures in a row that open it. */
  failures: number;
  /** Suspicions in a row that open it: so many that they are hardly all one caller's, who sends the same again. */
  suspicions: number;
  /** How many failures a failed health check counts as. */
  failuresPerCheck: number;
  /** How long it stays open at first; each failed probe doubles that. */
  openMs: number;
  maxOpenMs: number;
  /** Attempts at a time that may find out whether the upstream is back. */
  probes: number;
}

export const BREAKER: BreakerSettings = {
  failures: 5,
  suspicions: 20,
  failuresPerCheck: 3,
  openMs: 1000,
  maxOpenMs: 30_000,
  probes: 1,
};

/** An attempt at the upstream. */
export interface Attempt {
  readonly era: number;
}

/**
 * Keeps requests from an upstream that fails each of them. It is closed at first; open after failures in a row; and half
 * open when that time is over, until one of a few probes tells. Times are milliseconds of one clock that never goes back.
 */
export class CircuitBreaker {
  private failures = 0;
  private suspicions = 0;
  private probing = 0;
  /** Grows with each opening and closing: what an attempt of an earlier era tells is old. */
  private era = 0;
  private openUntil: number | undefined;
  private nextOpenMs: number;

  constructor(private readonly settings: BreakerSettings = BREAKER) {
    this.nextOpenMs = settings.openMs;
  }

  /** Whether an attempt may be made now. */
  admits(nowMs: number): boolean {
    return this.openUntil === undefined || (nowMs >= this.openUntil && this.probing < this.settings.probes);
  }

  state(nowMs: number): 'closed' | 'open' | 'half_open' {
    if (this.openUntil === undefined) return 'closed';
    return nowMs < this.openUntil ? 'open' : 'half_open';
  }

  /** From when on an attempt may be made; 0 where it is not open. */
  get opensUntilMs(): number {
    return this.openUntil ?? 0;
  }

  /** Call it where `admits` said yes, and `end` once for it; before that, `end` may tell that it is healthy so far. */
  begin(): Attempt {
    if (this.openUntil !== undefined) this.probing += 1;
    return { era: this.era };
  }

  end({ era }: Attempt, verdict: Verdict, nowMs: number): void {
    if (era !== this.era) return;
    if (this.openUntil !== undefined) this.endProbe(verdict, nowMs);
    else if (verdict === 'healthy') this.failures = this.suspicions = 0;
    else if (verdict === 'failed') this.fail(1, nowMs);
    else if (verdict === 'suspect' && (this.suspicions += 1) >= this.settings.suspicions) this.open(nowMs);
  }

  /**
   * A health check has told something. One that passes lets a request try and closes nothing by itself: a server may
   * tell that it is well and yet fail whatever it is asked.
   */
  checked(passed: boolean, nowMs: number): void {
    if (this.openUntil === undefined) {
      if (!passed) this.fail(this.settings.failuresPerCheck, nowMs);
    } else if (passed) this.openUntil = Math.min(this.openUntil, nowMs);
    // While checks fail, no client's request has to find out whether it is back.
    else this.openUntil = Math.max(this.openUntil, nowMs + this.settings.maxOpenMs);
  }

  private fail(times: number, nowMs: number): void {
    this.failures += times;
    if (this.failures >= this.settings.failures) this.open(nowMs);
  }

  private endProbe(verdict: Verdict, nowMs: number): void {
    if (verdict === 'failed' || verdict === 'suspect') this.open(nowMs);
    else if (verdict === 'healthy') this.close();
    else this.probing -= 1;
  }

  private open(nowMs: number): void {
    this.openUntil = nowMs + this.nextOpenMs;
    this.nextOpenMs = Math.min(this.nextOpenMs * 2, this.settings.maxOpenMs);
    this.startEra();
  }

  private close(): void {
    this.openUntil = undefined;
    this.nextOpenMs = this.settings.openMs;
    this.startEra();
  }

  private startEra(): void {
    this.era += 1;
    this.failures = 0;
    this.suspicions = 0;
    this.probing = 0;
  }
}
