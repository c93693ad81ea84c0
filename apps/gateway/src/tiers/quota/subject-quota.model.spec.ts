import fc from 'fast-check';
import { type Amounts, amountOf, NOTHING } from './amounts.js';
import type { Reservation } from './reservation.js';
import { partMsOf } from './sliding-window.js';
import { SubjectQuota } from './subject-quota.js';
import { covers, type TierLimit } from './tier-limit.js';
import { WindowKinds } from './window-kinds.js';

// A naive model of the same promise: a list of all that ever happened, added up at each question.

const MODELS = ['a', 'b'];

const limitArbitrary: fc.Arbitrary<TierLimit> = fc.oneof(
  fc.record({
    unit: fc.constantFrom('requests', 'tokens', 'input_tokens', 'output_tokens', 'cost'),
    limit: fc.integer({ min: 1, max: 300 }),
    windowMs: fc.constantFrom(1000, 7000, 60_000),
    modelId: fc.constantFrom(null, ...MODELS),
  }),
  fc.record({
    unit: fc.constant('concurrency' as const),
    limit: fc.integer({ min: 1, max: 4 }),
    windowMs: fc.constant(null),
    modelId: fc.constantFrom(null, ...MODELS),
  }),
);
const tokens = fc.integer({ min: 0, max: 90 });
const stepArbitrary = fc.record({
  gapMs: fc.integer({ min: 0, max: 3000 }),
  what: fc.constantFrom('admit', 'admit', 'settle', 'release', 'twice'),
  tier: fc.boolean(),
  modelId: fc.constantFrom(...MODELS),
  pick: fc.nat(),
  estimate: fc.record({ inputTokens: tokens, outputTokens: tokens, costMicros: tokens }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
});

interface Happened extends Amounts {
  atMs: number;
  modelId: string;
}
interface Running {
  modelId: string;
  atMs: number;
  hold: Amounts;
  reservation: Reservation;
}

class Oracle {
  readonly happened: Happened[] = [];
  readonly running: Running[] = [];

  used({ unit, windowMs, modelId }: TierLimit, nowMs: number): number {
    if (windowMs === null) return 0;
    const partMs = partMsOf(windowMs);
    return this.happened
      .filter(one => covers({ modelId }, one.modelId))
      .filter(({ atMs }) => (Math.floor(atMs / partMs) + 1) * partMs + windowMs > nowMs)
      .reduce((sum, one) => sum + amountOf(unit, one), 0);
  }

  held({ unit, modelId }: TierLimit): number {
    if (unit === 'requests') return 0;
    return this.running
      .filter(one => covers({ modelId }, one.modelId))
      .reduce((sum, { hold }) => sum + amountOf(unit, hold), 0);
  }
}

const tierArbitrary = fc.array(limitArbitrary, { maxLength: 5 });

describe('SubjectQuota, beside a naive model of it', () => {
  it('decides and tells the same, whatever ends when, in whatever tier, and keeps nothing', () => {
    fc.assert(
      fc.property(tierArbitrary, tierArbitrary, fc.array(stepArbitrary, { maxLength: 80 }), (one, other, steps) => {
        const kinds = new WindowKinds();
        kinds.keepOnly([...one, ...other]);
        const quota = new SubjectQuota(kinds);
        const oracle = new Oracle();
        let nowMs = 50_000;
        const end = ({ modelId, hold, atMs, reservation }: Running, how: string, part: number): void => {
          if (how === 'release' && atMs === nowMs) {
            reservation.release();
            oracle.happened.push({ ...NOTHING, modelId, atMs, requests: -1 });
            return;
          }
          const actual = {
            inputTokens: Math.floor(hold.inputTokens * part),
            outputTokens: Math.floor(hold.outputTokens * part),
            costMicros: Math.floor(hold.costMicros * part),
          };
          reservation.settle(actual);
          if (how === 'twice') reservation.settle(actual);
          oracle.happened.push({ ...actual, requests: 0, modelId, atMs: nowMs });
        };
        for (const { gapMs, what, tier, modelId, pick, estimate, part } of steps) {
          nowMs += gapMs;
          const limits = tier ? one : other;
          if (what === 'admit') {
            const admission = quota.admit(limits, { ...estimate, modelId }, () => nowMs);
            const expected = limits.every(
              limit => !covers(limit, modelId) || oracle.used(limit, nowMs) + oracle.held(limit) < limit.limit,
            );
            expect(admission.admitted).toBe(expected);
            if (admission.admitted) {
              const hold = { ...estimate, requests: 1 };
              oracle.happened.push({ ...NOTHING, requests: 1, modelId, atMs: nowMs });
              oracle.running.push({ modelId, atMs: nowMs, hold, reservation: admission.reservation });
            }
          } else {
            const [ended] = oracle.running.splice(pick % Math.max(1, oracle.running.length), 1);
            if (ended !== undefined) end(ended, what, part);
          }
          for (const { limit, used, remaining } of quota.describe([...one, ...other], nowMs)) {
            expect(used).toBe(oracle.used(limit, nowMs));
            expect(remaining).toBe(Math.max(0, limit.limit - used - oracle.held(limit)));
          }
        }
        for (const left of oracle.running.splice(0)) end(left, 'settle', 1);
        for (const state of quota.describe([...one, ...other], nowMs)) expect(state.reserved).toBe(0);
        expect(quota.isIdle(nowMs + 70_000)).toBe(true);
      }),
    );
  });

  it('lets one answer alone overshoot, however many are asked for at once', () => {
    const limit: TierLimit = { unit: 'tokens', limit: 100, windowMs: 60_000, modelId: null };
    const request = fc.record({
      estimate: fc.integer({ min: 1, max: 150 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 200, maxLength: 200 }),
        fc.array(fc.nat(), { maxLength: 200 }),
        (requests, order) => {
          const quota = new SubjectQuota(new WindowKinds());
          const running: (() => void)[] = [];
          let largest = 0;
          for (const { estimate, part } of requests) {
            const demand = { modelId: 'a', inputTokens: 0, outputTokens: estimate, costMicros: 0 };
            const admission = quota.admit([limit], demand, () => 1000);
            if (admission.admitted) {
              largest = Math.max(largest, estimate);
              const outputTokens = Math.floor(estimate * part);
              running.push(() => admission.reservation.settle({ inputTokens: 0, outputTokens, costMicros: 0 }));
            }
            // Some end while others still come.
            const pick = order.pop();
            if (pick !== undefined && pick % 2 === 0) running.splice(pick % Math.max(1, running.length), 1)[0]?.();
          }
          running.forEach(settle => settle());
          expect(quota.describe([limit], 1000)[0]!.used).toBeLessThanOrEqual(limit.limit - 1 + largest);
        },
      ),
    );
  });
});
