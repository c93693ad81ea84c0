import { type Amounts, amountOf, type Consumption, usedBy } from '../amounts.js';
import { type Demand, holdOf, needOf } from '../demand.js';
import { SLOT_RETRY_MS, stateFrom } from '../limit-check.js';
import type { PastUse } from '../local-quota.js';
import type { Admission } from '../reservation.js';
import { partMsOf } from '../sliding-window.js';
import { covers, type LimitState, type TierLimit } from '../tier-limit.js';
import type { WindowKind, WindowKinds } from '../window-kinds.js';
import { QUOTA_SCRIPT } from './quota.script.js';
import type { RedisConnection } from './redis.connection.js';
import type { WindowGenerations } from './window-generations.js';

const LEASE_MS = 15_000;
/** Well before the lease ends, one missed turn included. */
export const RENEW_MS = 5000;

const wireOf = ({ requests, inputTokens, outputTokens, costMicros }: Amounts): number[] => [
  requests,
  inputTokens,
  outputTokens,
  costMicros,
];

/** A request that was admitted by Redis and runs here. */
export interface Lease {
  id: string;
  subject: string;
  modelId: string;
  hold: Amounts;
  /** By Redis's clock, milliseconds. */
  admittedAtMs: number;
  /** The limits as they stood when it was admitted, itself included. */
  states: LimitState[];
}

export type SharedAdmission =
  { lease: Lease; outputTokens: number | undefined } | Extract<Admission, { admitted: false }>;

/** The limits of everybody in Redis, for all replicas. Each call is one script and one round trip. */
export class SharedQuota {
  constructor(
    private readonly redis: RedisConnection,
    private readonly kinds: WindowKinds,
    private readonly generations: WindowGenerations,
  ) {}

  /** @param nowMs for tests; Redis's own time where absent. @throws Error where Redis cannot be asked, as all do */
  async admit(subject: string, limits: readonly TierLimit[], demand: Demand, nowMs?: number): Promise<SharedAdmission> {
    const { modelId, strict } = demand;
    const binding = limits.filter(limit => covers(limit, modelId));
    const id = crypto.randomUUID();
    const hold = holdOf(demand);
    const windows = this.claimed(this.kinds.covering(modelId));
    const reply = await this.run(subject, windows, {
      op: 'admit',
      id,
      model: modelId,
      hold: wireOf(hold),
      output: demand.outputTokens,
      lease: LEASE_MS,
      slotWait: SLOT_RETRY_MS,
      limits: this.limitsFor(binding, windows, demand),
      strict: strict && {
        input: strict.inputTokens,
        choices: strict.choices,
        inputMicros: strict.inputMicros,
        outputMicros: strict.outputMicros,
      },
      now: nowMs,
    });
    const [admitted, second = 0, third = 0, ...standing] = reply;
    const states = statesOf(binding, standing);
    if (admitted === 0) {
      const limit = binding[second - 1];
      if (limit === undefined) throw new Error('the script refused by a limit that there is not');
      return { admitted: false, limit, retryAfterMs: third === -1 ? Number.POSITIVE_INFINITY : third, states };
    }
    const outputTokens = second === -1 ? undefined : second;
    return {
      lease: { id, subject, modelId, hold: holdOf(demand, outputTokens), admittedAtMs: third, states },
      outputTokens,
    };
  }

  async describe(subject: string, limits: readonly TierLimit[], nowMs?: number): Promise<LimitState[]> {
    const windows = this.claimed([...new Set(limits.flatMap(limit => this.kinds.of(limit) ?? []))]);
    const input = { op: 'describe', limits: this.limitsFor(limits, windows), now: nowMs };
    return statesOf(limits, await this.run(subject, windows, input));
  }

  /** Ends the lease, if it has not ended, and records what came of it. @param atMs by Redis's clock; now where absent */
  async end(
    { subject, modelId, id }: Pick<Lease, 'subject' | 'modelId' | 'id'>,
    amounts: Amounts,
    atMs?: number,
    nowMs?: number,
  ): Promise<void> {
    await this.run(subject, this.claimed(this.kinds.covering(modelId)), {
      op: 'end',
      id,
      amounts: wireOf(amounts),
      at: atMs,
      now: nowMs,
    });
  }

  /** Keeps the lease; one that Redis has lost is there again. */
  async renew({ subject, modelId, id, hold }: Lease): Promise<void> {
    await this.run(subject, [], { op: 'renew', id, model: modelId, hold: wireOf(hold), lease: LEASE_MS });
  }

  async restore(kind: WindowKind, past: Iterable<PastUse>): Promise<void> {
    const partMs = partMsOf(kind.windowMs);
    const nowMs = Date.now();
    const bySubject = new Map<string, number[][]>();
    for (const { subject, atMs, ...amounts } of past) {
      const parts = bySubject.get(subject) ?? [];
      bySubject.set(subject, parts);
      parts.push([Math.floor(Math.min(atMs, nowMs) / partMs), ...wireOf(amounts)]);
    }
    for (const [subject, parts] of bySubject) await this.run(subject, [kind], { op: 'restore', parts });
  }

  /** Those of a limit that came this moment are not there before they are claimed. */
  private claimed(kinds: readonly WindowKind[]): WindowKind[] {
    return kinds.filter(kind => this.generations.of(kind) !== undefined);
  }

  private limitsFor(limits: readonly TierLimit[], windows: readonly WindowKind[], demand?: Demand) {
    return limits.map(limit => {
      const kind = this.kinds.of(limit);
      return {
        unit: limit.unit,
        limit: limit.limit,
        window: kind === undefined ? 0 : windows.indexOf(kind) + 1,
        scope: limit.modelId === null ? '' : `m:${limit.modelId}`,
        need: demand === undefined ? 1 : needOf(limit.unit, demand),
      };
    });
  }

  private async run(
    subject: string,
    windows: readonly WindowKind[],
    input: Record<string, unknown>,
  ): Promise<number[]> {
    // One slot of a cluster for one subject; an encoded one holds no brace.
    const tag = `maas:{${encodeURIComponent(subject)}}`;
    const keys = windows.map(kind => {
      const generation = this.generations.of(kind) ?? '';
      return `${tag}:${kind.windowMs}:${encodeURIComponent(kind.modelId ?? '')}:${generation}`;
    });
    const shapes = windows.map(({ windowMs }) => ({ length: windowMs, part: partMsOf(windowMs) }));
    const reply = await this.redis.run(QUOTA_SCRIPT, [`${tag}:held`, `${tag}:ends`, `${tag}:leases`, ...keys], {
      ...input,
      windows: shapes,
    });
    return reply as number[];
  }
}

function statesOf(limits: readonly TierLimit[], standing: readonly number[]): LimitState[] {
  return limits.map((limit, n) => {
    const [used = 0, held = 0, resetMs = 0] = standing.slice(3 * n, 3 * n + 3);
    return stateFrom(limit, used, held, resetMs);
  });
}

/** The states once the lease has come to `actual`, as far as can be told without asking again. */
export function settledStates({ states, hold }: Lease, actual: Consumption): LimitState[] {
  return states.map(({ limit, used, reserved, resetMs }) => {
    if (limit.unit === 'requests') return stateFrom(limit, used, reserved, resetMs);
    const others = Math.max(0, reserved - amountOf(limit.unit, hold));
    const came = limit.unit === 'concurrency' ? 0 : amountOf(limit.unit, usedBy(actual));
    return stateFrom(limit, used + came, others, resetMs);
  });
}
