import { Logger } from '@nestjs/common';
import { upstreamUnavailable } from '../../../platform/errors/index.js';
import { type Amounts, NO_REQUEST, ONE_REQUEST, usedBy } from '../amounts.js';
import type { Demand } from '../demand.js';
import type { LocalQuota, PastUse } from '../local-quota.js';
import type { Admission, Reservation } from '../reservation.js';
import type { LimitState, TierLimit } from '../tier-limit.js';
import type { WindowKind, WindowKinds } from '../window-kinds.js';
import { OwedUse } from './owed-use.js';
import { RedisConnection } from './redis.connection.js';
import { Replicas } from './replicas.js';
import { type Lease, RENEW_MS, settledStates, SharedQuota } from './shared-quota.js';
import { WindowGenerations } from './window-generations.js';

/** What decides where Redis cannot be asked: this replica's share of the limits, a refusal, or nothing. */
type QuotaFallback = 'local' | 'closed' | 'open';
export type QuotaState = 'shared' | QuotaFallback;

export interface FailoverOptions {
  url: string;
  fallback: QuotaFallback;
  /** Told at each change. */
  onState: (state: QuotaState) => void;
  /** Fills windows that Redis does not have. */
  fill: (kinds: readonly WindowKind[]) => Promise<void>;
}

/** Also how soon a fallback is left when Redis answers again. */
const BEAT_MS = 1000;

/** The limits of everybody, shared with other replicas while Redis answers, and by the fallback's rule while it does not. */
export class FailoverQuota {
  private readonly logger = new Logger(FailoverQuota.name);
  private readonly redis: RedisConnection;
  private readonly generations: WindowGenerations;
  private readonly replicas: Replicas;
  private readonly shared: SharedQuota;
  private readonly owed = new OwedUse();
  private readonly leases = new Set<Lease>();
  /** Settlements on their way, which the end of the process must wait for. */
  private readonly telling = new Set<Promise<void>>();
  private readonly timers: NodeJS.Timeout[] = [];
  private up: boolean | undefined;
  private beating: Promise<void> | undefined;

  constructor(
    private readonly kinds: WindowKinds,
    /** Knows what was used here, so that a fallback is no fresh allowance. */
    private readonly local: LocalQuota,
    private readonly options: FailoverOptions,
  ) {
    this.redis = new RedisConnection(options.url);
    this.generations = new WindowGenerations(this.redis);
    this.replicas = new Replicas(this.redis);
    this.shared = new SharedQuota(this.redis, kinds, this.generations);
  }

  async start(): Promise<void> {
    await this.redis.open();
    await this.beat();
    this.timers.push(
      setInterval(() => void this.beat(), BEAT_MS).unref(),
      setInterval(() => void this.renew(), RENEW_MS).unref(),
    );
  }

  async stop(): Promise<void> {
    this.timers.forEach(timer => clearInterval(timer));
    await this.beating;
    await Promise.all(this.telling);
    if (this.up === true) await this.attempt(() => this.replicas.leave());
    this.redis.close();
  }

  async admit(subject: string, limits: readonly TierLimit[], demand: Demand): Promise<Admission> {
    const admission = await this.attempt(() => this.shared.admit(subject, limits, demand));
    if (admission === undefined) return this.fallBack(subject, limits, demand);
    if ('admitted' in admission) return admission;
    return { admitted: true, reservation: this.reservationOf(admission.lease, admission.outputTokens, demand) };
  }

  async describe(subject: string, limits: readonly TierLimit[]): Promise<LimitState[]> {
    const states = await this.attempt(() => this.shared.describe(subject, limits));
    return states ?? this.local.describe(subject, this.shareOf(limits));
  }

  /** Claims the windows that are new, and lets go of others. Resolves when those that this replica made are filled. */
  async remember(gone: readonly WindowKind[]): Promise<void> {
    await this.beating;
    await this.attempt(() => this.generations.drop(gone));
    await this.beat();
  }

  restore(kind: WindowKind, past: Iterable<PastUse>): Promise<void> {
    return this.shared.restore(kind, past);
  }

  /** @returns `undefined` where Redis cannot be asked; the fallback decides until it answers again */
  private async attempt<T>(ask: () => Promise<T>): Promise<T | undefined> {
    if (this.up !== true) return undefined;
    try {
      return await ask();
    } catch (error) {
      this.goDown(error);
      return undefined;
    }
  }

  private beat(): Promise<void> {
    this.beating ??= this.look().finally(() => (this.beating = undefined));
    return this.beating;
  }

  private async look(): Promise<void> {
    try {
      await this.replicas.beat();
      const { toFill, lost } = await this.generations.claim(this.kinds.all());
      // What Redis has lost comes back from the ledger, and what it was owed with it.
      if (lost) this.owed.takeAll();
      if (toFill.length > 0) {
        await this.options.fill(toFill);
        await this.generations.keep(toFill);
      }
      await this.payOwed();
    } catch (error) {
      return this.goDown(error);
    }
    if (this.up === true) return;
    if (this.up === false) this.logger.log('Redis answers again: limits are shared');
    this.up = true;
    this.options.onState('shared');
  }

  private goDown(error: unknown): void {
    if (this.up === false) return;
    this.up = false;
    this.logger.error({ err: error }, `Redis cannot be asked: limits are ${this.options.fallback}`);
    this.options.onState(this.options.fallback);
  }

  private async payOwed(): Promise<void> {
    const owed = this.owed.takeAll();
    for (let one = owed.pop(); one !== undefined; one = owed.pop()) {
      try {
        await this.shared.end({ ...one, id: '' }, one.amounts);
      } catch (error) {
        for (const left of [one, ...owed]) this.owed.add(left.subject, left.modelId, left.amounts);
        throw error;
      }
    }
  }

  private async renew(): Promise<void> {
    for (const lease of [...this.leases])
      if (this.leases.has(lease)) await this.attempt(() => this.shared.renew(lease));
  }

  private reservationOf(lease: Lease, outputTokens: number | undefined, demand: Demand): Reservation {
    const { subject, modelId } = lease;
    const here = this.local.admit(subject, [], demand);
    let { states } = lease;
    this.leases.add(lease);
    const end = (amounts: Amounts, atMs?: number): void => {
      if (!this.leases.delete(lease)) return;
      states = settledStates(lease, amounts);
      const told = this.attempt(() => this.shared.end(lease, amounts, atMs).then(() => true)).then(done => {
        if (done === undefined) this.owed.add(subject, modelId, amounts);
        this.telling.delete(told);
      });
      this.telling.add(told);
    };
    return {
      outputTokens,
      describe: () => states,
      settle: actual => {
        if (here.admitted) here.reservation.settle(actual);
        end(usedBy(actual));
      },
      release: () => {
        if (here.admitted) here.reservation.release();
        end(NO_REQUEST, lease.admittedAtMs);
      },
    };
  }

  private fallBack(subject: string, limits: readonly TierLimit[], demand: Demand): Admission {
    const { fallback } = this.options;
    if (fallback === 'closed') throw upstreamUnavailable('The limits cannot be checked at the moment');
    const admission = this.local.admit(subject, fallback === 'open' ? [] : this.shareOf(limits), demand);
    if (!admission.admitted) return admission;
    const { modelId } = demand;
    const { reservation } = admission;
    this.owed.add(subject, modelId, ONE_REQUEST);
    let open = true;
    const end = (amounts: Amounts): void => {
      if (open) this.owed.add(subject, modelId, amounts);
      open = false;
    };
    return {
      admitted: true,
      reservation: {
        outputTokens: reservation.outputTokens,
        describe: () => reservation.describe(),
        settle: actual => {
          reservation.settle(actual);
          end(usedBy(actual));
        },
        release: () => {
          reservation.release();
          end(NO_REQUEST);
        },
      },
    };
  }

  /** What this replica may grant alone, so that all together grant no more than the limit. */
  private shareOf(limits: readonly TierLimit[]): TierLimit[] {
    return limits.map(limit => ({ ...limit, limit: Math.max(1, Math.floor(limit.limit / this.replicas.count)) }));
  }
}
