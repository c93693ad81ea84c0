import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../../platform/config/index.js';
import { HealthNotes } from '../../platform/health/index.js';
import { quotaState } from '../../platform/telemetry/index.js';
import type { Demand } from './demand.js';
import { LocalQuota, type PastUse } from './local-quota.js';
import type { Admission } from './reservation.js';
import { FailoverQuota, type QuotaState } from './redis/failover-quota.js';
import type { LimitState, TierLimit } from './tier-limit.js';
import { type WindowKind, WindowKinds } from './window-kinds.js';

const FORGET_MS = 60_000;
const STATES: QuotaState[] = ['shared', 'local', 'closed', 'open'];

/** Knows what was used before the process, or a window, was there, and tells it by {@link Quota.restore}. */
export interface UseHistory {
  /** Fills windows that are new. What is recorded from the call on, and what runs at it, is in them already. */
  fill(kinds: readonly WindowKind[]): Promise<void>;
}

/**
 * Decides over the limits of all tiers: in this process alone, synchronously, or shared by Redis, with a promise.
 */
@Injectable()
export class Quota implements OnModuleInit, OnApplicationShutdown {
  private readonly kinds = new WindowKinds();
  private readonly local = new LocalQuota(this.kinds);
  private readonly shared: FailoverQuota | undefined;
  private history: UseHistory | undefined;
  private filling: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(ENVIRONMENT) { REDIS_URL, QUOTA_FALLBACK }: Environment,
    private readonly health: HealthNotes,
  ) {
    if (REDIS_URL === undefined) return;
    this.shared = new FailoverQuota(this.kinds, this.local, {
      url: REDIS_URL,
      fallback: QUOTA_FALLBACK,
      onState: state => this.tell(state),
      fill: kinds => this.history?.fill(kinds) ?? Promise.resolve(),
    });
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.local.forgetIdle(), FORGET_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.shared?.stop();
  }

  /** One decision over all limits. @param limits of the subject's tier, in the order in which they are told */
  admit(subject: string, limits: readonly TierLimit[], demand: Demand): Admission | Promise<Admission> {
    return (this.shared ?? this.local).admit(subject, limits, demand);
  }

  describe(subject: string, limits: readonly TierLimit[]): LimitState[] | Promise<LimitState[]> {
    return (this.shared ?? this.local).describe(subject, limits);
  }

  /** Records from now on what the limits of all tiers ask about, so that a change of tier is no fresh allowance. */
  remember(limits: readonly TierLimit[]): void {
    const before = this.kinds.all();
    const fresh = this.kinds.keepOnly(limits);
    if (this.history === undefined) return;
    const gone = before.filter(kind => !this.kinds.has(kind));
    if (fresh.length === 0 && gone.length === 0) return;
    this.local.countRunning(fresh);
    const filled = this.shared === undefined ? this.history.fill(fresh) : this.shared.remember(gone);
    this.filling = this.filling.then(() => filled);
  }

  /** Resolves when each window that was asked about before the call holds what was used before it was there. */
  filled(): Promise<void> {
    return this.filling;
  }

  /**
   * Where the past is found from now on. Call it once, before the first request.
   * @returns the windows of this process that are to be filled before it; those in Redis are filled where it lacks them
   */
  async attachHistory(history: UseHistory): Promise<WindowKind[]> {
    this.history = history;
    if (this.shared === undefined) return this.kinds.all();
    await this.shared.start();
    return [];
  }

  /** Takes what was used in the past. */
  restore(kind: WindowKind, past: Iterable<PastUse>): void | Promise<void> {
    return (this.shared ?? this.local).restore(kind, past);
  }

  private tell(state: QuotaState): void {
    this.health.tell('quota', state);
    for (const one of STATES) quotaState.set({ state: one }, one === state ? 1 : 0);
  }
}
