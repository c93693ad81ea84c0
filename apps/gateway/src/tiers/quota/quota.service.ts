import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { type Admission, type PastRequest, SubjectQuota } from './subject-quota.js';
import type { Demand, LimitState, TierLimit } from './tier-limit.js';

const FORGET_MS = 60_000;

/** Milliseconds since the epoch that never step back while the process lives. */
const now = (): number => performance.timeOrigin + performance.now();

/**
 * The limits of everybody, in process: right for exactly one process. It is the throttler's storage as well, so that
 * whatever the throttler guards is held to windows that slide.
 */
@Injectable()
export class Quota implements ThrottlerStorage, OnModuleInit, OnModuleDestroy {
  private readonly subjects = new Map<string, SubjectQuota>();
  private timer: NodeJS.Timeout | undefined;

  onModuleInit(): void {
    this.timer = setInterval(() => this.forgetIdle(now()), FORGET_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** One decision over all limits. @param limits of the subject's tier, in the order in which they are told */
  admit(subject: string, limits: TierLimit[], demand: Demand): Admission {
    return this.of(subject).admit(limits, demand, now);
  }

  describe(subject: string, limits: TierLimit[]): LimitState[] {
    return this.of(subject).describe(limits, now());
  }

  /** Takes what was served before this process started, oldest first. */
  restore(past: Iterable<PastRequest>): void {
    for (const request of past) this.of(request.subject).restore(request);
  }

  /** The throttler's own question: one request against one limit. Times are in milliseconds, waits in seconds. */
  increment(key: string, ttl: number, limit: number): ReturnType<ThrottlerStorage['increment']> {
    const limits: TierLimit[] = [{ unit: 'requests', limit, windowMs: ttl, modelId: null }];
    const admission = this.admit(key, limits, { modelId: '', inputTokens: 0, outputTokens: 0, costMicros: 0 });
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
    if (quota === undefined) this.subjects.set(subject, (quota = new SubjectQuota()));
    return quota;
  }

  private forgetIdle(nowMs: number): void {
    for (const [subject, quota] of this.subjects) if (quota.isIdle(nowMs)) this.subjects.delete(subject);
  }
}
