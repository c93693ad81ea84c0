import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { type Amounts, NOTHING } from './amounts.js';
import type { Demand } from './demand.js';
import type { Admission } from './reservation.js';
import { SubjectQuota } from './subject-quota.js';
import type { LimitState, TierLimit } from './tier-limit.js';
import { type WindowKind, WindowKinds } from './window-kinds.js';

const FORGET_MS = 60_000;

/** Milliseconds since the epoch that never step back while the process lives. */
const now = (): number => performance.timeOrigin + performance.now();

/** What a subject used in one part of a window. */
export interface PastUse extends Amounts {
  subject: string;
  /** Milliseconds since the epoch, by the wall clock. */
  atMs: number;
}

/** Knows what was used before the process, or a window, was there, and tells it by {@link Quota.restore}. */
export interface UseHistory {
  /** Fills windows that are new. What is recorded from the call on, and what runs at it, is in them already. */
  fill(kinds: readonly WindowKind[]): Promise<void>;
}

/**
 * The limits of everybody, in process: right for exactly one process. It is the throttler's storage as well, so that
 * whatever the throttler guards is held to windows that slide.
 */
@Injectable()
export class Quota implements ThrottlerStorage, OnModuleInit, OnModuleDestroy {
  private readonly kinds = new WindowKinds();
  private readonly subjects = new Map<string, SubjectQuota>();
  private history: UseHistory | undefined;
  private filling: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  onModuleInit(): void {
    this.timer = setInterval(() => this.forgetIdle(now()), FORGET_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** One decision over all limits. @param limits of the subject's tier, in the order in which they are told */
  admit(subject: string, limits: readonly TierLimit[], demand: Demand): Admission {
    return this.of(subject).admit(limits, demand, now);
  }

  describe(subject: string, limits: readonly TierLimit[]): LimitState[] {
    return (this.subjects.get(subject) ?? new SubjectQuota(this.kinds)).describe(limits, now());
  }

  /** Records from now on what the limits of all tiers ask about, so that a change of tier is no fresh allowance. */
  remember(limits: readonly TierLimit[]): void {
    const fresh = this.kinds.keepOnly(limits);
    if (fresh.length === 0 || this.history === undefined) return;
    const nowMs = now();
    for (const quota of this.subjects.values()) quota.countRunning(fresh, nowMs);
    const filled = this.history.fill(fresh);
    this.filling = this.filling.then(() => filled);
  }

  /** Resolves when each window that was asked about before the call holds what was used before it was there. */
  filled(): Promise<void> {
    return this.filling;
  }

  /** Where the past is found from now on. Call it once, before the first request. */
  attachHistory(history: UseHistory): void {
    this.history = history;
  }

  /** The windows that are recorded now. */
  windowKinds(): WindowKind[] {
    return this.kinds.all();
  }

  /** Takes what was used in the past; a time to come, by a clock that was set back, counts as now. */
  restore(kind: WindowKind, past: Iterable<PastUse>): void {
    const nowMs = Math.floor(now());
    // The past is told by the wall clock, which may have been set since this process began.
    const aheadMs = nowMs - Date.now();
    for (const { subject, atMs, ...amounts } of past)
      this.of(subject).restore(kind, Math.min(atMs + aheadMs, nowMs), amounts);
  }

  /** The throttler's own question: one request against one limit. Times are in milliseconds, waits in seconds. */
  increment(key: string, ttl: number, limit: number): ReturnType<ThrottlerStorage['increment']> {
    const limits: TierLimit[] = [{ unit: 'requests', limit, windowMs: ttl, modelId: null }];
    const admission = this.admit(key, limits, { ...NOTHING, modelId: '' });
    if (admission.admitted) admission.reservation.settle(NOTHING);
    const state = this.describe(key, limits)[0];
    return Promise.resolve({
      totalHits: state?.used ?? 0,
      timeToExpire: Math.ceil((state?.resetMs ?? 0) / 1000),
      isBlocked: !admission.admitted,
      timeToBlockExpire: admission.admitted ? 0 : Math.ceil(admission.retryAfterMs / 1000),
    });
  }

  private of(subject: string): SubjectQuota {
    let quota = this.subjects.get(subject);
    if (quota === undefined) this.subjects.set(subject, (quota = new SubjectQuota(this.kinds)));
    return quota;
  }

  private forgetIdle(nowMs: number): void {
    for (const [subject, quota] of this.subjects) if (quota.isIdle(nowMs)) this.subjects.delete(subject);
  }
}
