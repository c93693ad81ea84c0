import type { Attempt, Verdict } from './circuit-breaker.js';
import type { RetryBudget } from './retry-budget.js';
import { type Candidate, chooseUpstream } from './upstream-choice.js';
import type { UpstreamHealth } from './upstream-health.js';
import type { UpstreamError } from './upstream-record.js';

/** An upstream by what its choice depends on, but for how busy it is. */
type Routable = Omit<Candidate, 'inFlight'> & { readonly id: string };

/** What a route needs of the world. */
export interface RouteContext {
  healthOf: (upstreamId: string) => UpstreamHealth;
  budget: RetryBudget;
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
  /** Numbers from 0 up to but not including 1. */
  random: () => number;
}

/** A request asks no more upstreams than this, however many there are. */
const MAX_ATTEMPTS = 3;

/** How an attempt ended. */
export interface LegEnd {
  verdict: Verdict;
  /** For how long the upstream wants to be left alone, where it said so; milliseconds. */
  coolDownMs?: number | undefined;
  /** Milliseconds; `null` where no byte came. */
  firstByteMs?: number | null;
  /** What went wrong, where something did. */
  error?: UpstreamError | undefined;
}

/** One attempt at one upstream; to be ended once. */
export class RouteLeg<T extends Routable> {
  /** The attempt at another upstream that takes the place of this one, where there is one. */
  next: RouteLeg<T> | undefined;
  private readonly attempt: Attempt;
  private suspected = false;

  constructor(
    readonly upstream: T,
    private readonly health: UpstreamHealth,
    private readonly now: () => number,
    /** The attempt that this one takes the place of. */
    private readonly before?: RouteLeg<T>,
  ) {
    this.attempt = health.begin();
    health.record.sent(before !== undefined);
  }

  /** The upstream's answer has begun; what comes of it may take a while. */
  answered(): void {
    this.health.answered(this.attempt, this.now());
    this.before?.convict();
  }

  end({ verdict, coolDownMs, firstByteMs = null, error }: LegEnd): void {
    this.suspected = verdict === 'suspect';
    this.health.end(this.attempt, verdict, this.now(), coolDownMs);
    if (error !== undefined) this.health.record.failed(error);
    else if (verdict === 'healthy') this.health.record.answered(firstByteMs);
  }

  /** What failed here is answered elsewhere, so it was this upstream and not the request. */
  private convict(): void {
    if (this.suspected) this.health.convicted(this.attempt, this.now());
    this.before?.convict();
  }
}

/** The way of one request through the upstreams of its model: each of them once at most, the healthy alone. */
export class UpstreamRoute<T extends Routable> {
  private readonly tried: T[] = [];
  private last: RouteLeg<T> | undefined;

  constructor(
    private readonly upstreams: readonly T[],
    private readonly context: RouteContext,
  ) {}

  get attempts(): number {
    return this.tried.length;
  }

  /** @returns `undefined` where no upstream is healthy */
  first(): RouteLeg<T> | undefined {
    this.context.budget.earn();
    const chosen = this.choose();
    return chosen && this.take(chosen);
  }

  /** @returns `undefined` where no other upstream is healthy, or the model's retries are used up */
  retry(): RouteLeg<T> | undefined {
    if (this.attempts >= MAX_ATTEMPTS) return undefined;
    const chosen = this.choose();
    return chosen && this.context.budget.spend() ? this.take(chosen) : undefined;
  }

  private choose(): T | undefined {
    const { healthOf, now, random } = this.context;
    const nowMs = now();
    const healthy = this.upstreams.filter(
      upstream => !this.tried.includes(upstream) && healthOf(upstream.id).isAvailable(nowMs),
    );
    if (healthy.length < 2) return healthy.find(({ weight }) => weight > 0);
    const candidates = healthy.map(upstream => ({
      upstream,
      weight: upstream.weight,
      priority: upstream.priority,
      inFlight: healthOf(upstream.id).inFlight,
    }));
    return chooseUpstream(candidates, random)?.upstream;
  }

  private take(upstream: T): RouteLeg<T> {
    this.tried.push(upstream);
    this.last = new RouteLeg(upstream, this.context.healthOf(upstream.id), this.context.now, this.last);
    return this.last;
  }
}
