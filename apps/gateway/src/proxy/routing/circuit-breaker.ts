/** What an attempt told of the upstream's health; `unknown` where the client left, say. */
export type Verdict = 'healthy' | 'failed' | 'unknown';

export interface BreakerSettings {
  /** Failures in a row that open it. */
  failures: number;
  /** How long it stays open at first; each failed probe doubles that. */
  openMs: number;
  maxOpenMs: number;
  /** Attempts at a time that may find out whether the upstream is back. */
  probes: number;
}

export const BREAKER: BreakerSettings = { failures: 5, openMs: 1000, maxOpenMs: 30_000, probes: 1 };

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

  /** Call it where `admits` said yes, and `end` once for it; before that, `end` may tell that it is healthy so far. */
  begin(): Attempt {
    if (this.openUntil !== undefined) this.probing += 1;
    return { era: this.era };
  }

  end({ era }: Attempt, verdict: Verdict, nowMs: number): void {
    if (era !== this.era) return;
    if (this.openUntil !== undefined) this.endProbe(verdict, nowMs);
    else if (verdict === 'healthy') this.failures = 0;
    else if (verdict === 'failed' && (this.failures += 1) >= this.settings.failures) this.open(nowMs);
  }

  private endProbe(verdict: Verdict, nowMs: number): void {
    if (verdict === 'failed') this.open(nowMs);
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
    this.probing = 0;
  }
}
