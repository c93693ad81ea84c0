import { type Amounts, amountsOf } from './amounts.js';
import type { Demand } from './demand.js';
import type { Admission } from './reservation.js';
import { SubjectQuota } from './subject-quota.js';
import type { LimitState, TierLimit } from './tier-limit.js';
import type { WindowKind, WindowKinds } from './window-kinds.js';

/** What a subject used in one part of a window. */
export interface PastUse extends Amounts {
  subject: string;
  /** Milliseconds since the epoch, by the wall clock. */
  atMs: number;
}

const { timeOrigin } = performance;

/** Milliseconds since the epoch that never step back while the process lives. */
const now = (): number => timeOrigin + performance.now();

/** The limits of everybody, in this process. Every answer is one synchronous step. */
export class LocalQuota {
  private readonly subjects = new Map<string, SubjectQuota>();

  constructor(private readonly kinds: WindowKinds) {}

  admit(subject: string, limits: readonly TierLimit[], demand: Demand): Admission {
    return this.of(subject).admit(limits, demand, now);
  }

  describe(subject: string, limits: readonly TierLimit[]): LimitState[] {
    return (this.subjects.get(subject) ?? new SubjectQuota(this.kinds)).describe(limits, now());
  }

  /** Counts what runs now in windows that were not there when it was admitted. */
  countRunning(kinds: readonly WindowKind[]): void {
    const nowMs = now();
    for (const quota of this.subjects.values()) quota.countRunning(kinds, nowMs);
  }

  /** Takes what was used in the past; a time to come, by a clock that was set back, counts as now. */
  restore(kind: WindowKind, past: Iterable<PastUse>): void {
    const nowMs = Math.floor(now());
    // The past is told by the wall clock, which may have been set since this process began.
    const aheadMs = nowMs - Date.now();
    for (const { subject, atMs, requests, inputTokens, outputTokens, costMicros } of past) {
      const amounts = amountsOf(requests, inputTokens, outputTokens, costMicros);
      this.of(subject).restore(kind, Math.min(atMs + aheadMs, nowMs), amounts);
    }
  }

  forgetIdle(): void {
    const nowMs = now();
    for (const [subject, quota] of this.subjects) if (quota.isIdle(nowMs)) this.subjects.delete(subject);
  }

  private of(subject: string): SubjectQuota {
    let quota = this.subjects.get(subject);
    if (quota === undefined) this.subjects.set(subject, (quota = new SubjectQuota(this.kinds)));
    return quota;
  }
}
