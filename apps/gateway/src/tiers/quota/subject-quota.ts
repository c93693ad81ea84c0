import { LimitMeter } from './limit-meter.js';
import { amountOf, type Consumption, type Demand, type LimitState, type TierLimit } from './tier-limit.js';

interface Hold {
  meter: LimitMeter;
  limit: TierLimit;
  held: number;
}

/** What an admitted request holds until it is known what it came to. */
export interface Reservation {
  /** Puts what was used in place of what was held. Later calls do nothing. */
  settle(actual: Consumption): void;
}

export type Admission =
  { admitted: true; reservation: Reservation } | { admitted: false; limit: TierLimit; retryAfterMs: number };

/** A request that was served before this process started; see {@link SubjectQuota.restore}. */
export interface PastRequest extends Demand {
  subject: string;
  startedAtMs: number;
  endedAtMs: number;
}

const keyOf = ({ unit, windowMs, modelId }: TierLimit): string => `${unit} ${windowMs} ${modelId ?? '*'}`;
const applies = (limit: TierLimit, modelId: string): boolean => limit.modelId === null || limit.modelId === modelId;

/** All limits of one subject. A decision is one synchronous step, so that requests cannot come between. */
export class SubjectQuota {
  private readonly meters = new Map<string, LimitMeter>();
  private readonly past: PastRequest[] = [];

  /** Takes what was used before a restart, oldest first: a restart is no fresh allowance. */
  restore(past: PastRequest): void {
    this.past.push(past);
  }

  describe(limits: TierLimit[], nowMs: number): LimitState[] {
    return limits.map(limit => this.meterOf(limit).state(limit, nowMs));
  }

  /** Admits while each limit has something left. A refusal uses nothing up. */
  admit(limits: TierLimit[], demand: Demand, now: () => number): Admission {
    const nowMs = now();
    const holds: Hold[] = [];
    let refusal: { limit: TierLimit; retryAfterMs: number } | undefined;
    for (const limit of limits) {
      if (!applies(limit, demand.modelId)) continue;
      const meter = this.meterOf(limit);
      const retryAfterMs = meter.waitMs(limit, nowMs);
      if (retryAfterMs > (refusal?.retryAfterMs ?? 0)) refusal = { limit, retryAfterMs };
      holds.push({ meter, limit, held: 0 });
    }
    if (refusal !== undefined) return { admitted: false, ...refusal };
    for (const hold of holds) {
      if (hold.limit.unit === 'requests') hold.meter.use(nowMs, 1);
      else hold.held = hold.meter.reserve(hold.limit, nowMs, amountOf(hold.limit.unit, demand));
    }
    return { admitted: true, reservation: this.reservationOf(holds, now) };
  }

  /** Nothing is used, nothing runs: the subject may be forgotten. */
  isIdle(nowMs: number): boolean {
    for (const meter of this.meters.values()) if (!meter.isIdle(nowMs)) return false;
    return this.past.length === 0 || this.meters.size > 0;
  }

  private reservationOf(holds: Hold[], now: () => number): Reservation {
    let open = true;
    return {
      settle: actual => {
        if (!open) return;
        open = false;
        const nowMs = now();
        for (const { meter, limit, held } of holds) {
          meter.release(held);
          if (limit.unit !== 'requests') meter.use(nowMs, amountOf(limit.unit, actual));
        }
      },
    };
  }

  private meterOf(limit: TierLimit): LimitMeter {
    const key = keyOf(limit);
    let meter = this.meters.get(key);
    if (meter === undefined) {
      meter = new LimitMeter(limit.windowMs);
      for (const past of this.past) {
        if (!applies(limit, past.modelId)) continue;
        meter.use(limit.unit === 'requests' ? past.startedAtMs : past.endedAtMs, amountOf(limit.unit, past));
      }
      this.meters.set(key, meter);
    }
    return meter;
  }
}
