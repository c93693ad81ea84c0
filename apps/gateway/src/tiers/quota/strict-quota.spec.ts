import fc from 'fast-check';
import type { Demand, StrictDemand } from './demand.js';
import { SubjectQuota } from './subject-quota.js';
import type { TierLimit } from './tier-limit.js';
import { WindowKinds } from './window-kinds.js';

const tokens: TierLimit = { unit: 'tokens', limit: 100, windowMs: 60_000, modelId: null };
const demandOf = (inputTokens: number, outputTokens: number, strict: Partial<StrictDemand> = {}): Demand => ({
  modelId: 'm',
  inputTokens,
  outputTokens,
  costMicros: 0,
  strict: { inputTokens, choices: 1, inputMicros: 0, outputMicros: 0, ...strict },
});
const now = () => 1_000_000;

describe('a strict tier', () => {
  const admit = (limits: TierLimit[], demand: Demand, quota = new SubjectQuota(new WindowKinds())) =>
    quota.admit(limits, demand, now);
  const granted = (limits: TierLimit[], demand: Demand) => {
    const admission = admit(limits, demand);
    return admission.admitted ? admission.reservation.outputTokens : undefined;
  };

  it('lowers the output to what is left beside the prompt', () => {
    expect(granted([tokens], demandOf(30, 500))).toBe(70);
    expect(granted([tokens], demandOf(30, 20))).toBe(20);
  });

  it('shares what is left among the choices', () => {
    expect(granted([tokens], demandOf(30, 600, { choices: 3 }))).toBe(69);
  });

  it('refuses a prompt that leaves no room for an answer, for good where it never can', () => {
    expect(granted([tokens], demandOf(99, 10))).toBe(1);
    expect(admit([tokens], demandOf(100, 10))).toMatchObject({
      admitted: false,
      limit: tokens,
      retryAfterMs: Number.POSITIVE_INFINITY,
    });
  });

  it('asks for no output where there is none to come', () => {
    expect(granted([tokens], demandOf(100, 0, { choices: 0 }))).toBe(0);
  });

  it('holds for input, output and cost alike', () => {
    expect(admit([{ ...tokens, unit: 'input_tokens' }], demandOf(101, 1)).admitted).toBe(false);
    expect(admit([{ ...tokens, unit: 'input_tokens' }], demandOf(100, 7))).toMatchObject({
      admitted: true,
      reservation: { outputTokens: undefined },
    });
    expect(granted([{ ...tokens, unit: 'output_tokens' }], demandOf(5000, 500))).toBe(100);
    expect(granted([{ ...tokens, unit: 'cost' }], demandOf(100, 500, { inputMicros: 0.2, outputMicros: 0.6 }))).toBe(
      133,
    );
  });

  it('tells a refused request when it would fit', () => {
    const quota = new SubjectQuota(new WindowKinds());
    const first = admit([tokens], demandOf(30, 30), quota);
    if (!first.admitted) throw new Error('refused');
    first.reservation.settle({ inputTokens: 20, outputTokens: 30, costMicros: 0 });
    const refusal = quota.admit([tokens], demandOf(60, 10), now);
    if (refusal.admitted) throw new Error('admitted');
    expect(refusal.retryAfterMs).toBeGreaterThanOrEqual(60_000);
    const later = quota.admit([tokens], demandOf(60, 10), () => now() + refusal.retryAfterMs);
    expect(later.admitted).toBe(true);
  });

  it('never uses more than its limits where answers keep to their caps', () => {
    const limit = fc.record({
      unit: fc.constantFrom('tokens' as const, 'input_tokens' as const, 'output_tokens' as const, 'cost' as const),
      limit: fc.integer({ min: 1, max: 500 }),
      windowMs: fc.constantFrom(1000, 5000),
      modelId: fc.constantFrom(null, 'm'),
    });
    const request = fc.record({
      prompt: fc.integer({ min: 0, max: 60 }),
      output: fc.integer({ min: 1, max: 200 }),
      choices: fc.integer({ min: 1, max: 4 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      gapMs: fc.integer({ min: 0, max: 900 }),
      settles: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(limit, { minLength: 1, maxLength: 4 }),
        fc.array(request, { maxLength: 60 }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (limits, requests, price) => {
          const quota = new SubjectQuota(new WindowKinds());
          let nowMs = 0;
          const open: (() => void)[] = [];
          for (const { prompt, output, choices, part, gapMs, settles } of requests) {
            nowMs += gapMs;
            const strict = { choices, inputMicros: price, outputMicros: price };
            const admission = quota.admit(limits, demandOf(prompt, output * choices, strict), () => nowMs);
            if (admission.admitted) {
              const outputTokens = Math.floor((admission.reservation.outputTokens ?? 0) * part);
              const costMicros = Math.round(prompt * price + outputTokens * price);
              open.push(() => admission.reservation.settle({ inputTokens: prompt, outputTokens, costMicros }));
            }
            if (settles) open.shift()?.();
            for (const state of quota.describe(limits, nowMs)) {
              expect(state.used).toBeLessThanOrEqual(state.limit.limit);
            }
          }
        },
      ),
    );
  });
});
