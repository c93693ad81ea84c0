import fc from 'fast-check';
import { type Amounts, NOTHING } from './amounts.js';
import { partMsOf, SlidingWindow } from './sliding-window.js';

const arrivals = fc.array(
  fc.record({ gapMs: fc.integer({ min: 0, max: 5000 }), amount: fc.integer({ min: 1, max: 5 }) }),
  { maxLength: 200 },
);

const requests = (count: number): Amounts => ({ ...NOTHING, requests: count });

describe('SlidingWindow', () => {
  it('admits no more than the limit in any interval of its length', () => {
    fc.assert(
      fc.property(
        arrivals,
        fc.integer({ min: 1000, max: 20_000 }),
        fc.integer({ min: 1, max: 20 }),
        (gaps, windowMs, limit) => {
          const window = new SlidingWindow(windowMs);
          const admitted: { at: number; amount: number }[] = [];
          let at = 0;
          for (const { gapMs, amount } of gaps) {
            at += gapMs;
            if (window.used(at).requests + amount > limit) continue;
            window.add(at, requests(amount));
            admitted.push({ at, amount });
          }
          for (const { at: from } of admitted) {
            const within = admitted.filter(one => one.at >= from && one.at < from + windowMs);
            expect(within.reduce((sum, one) => sum + one.amount, 0)).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });

  it('lets an amount go at most one sixtieth of the window late', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1000, max: 2_678_400_000 }), (at, windowMs) => {
        const window = new SlidingWindow(windowMs);
        window.add(at, requests(1));
        expect(window.used(at + windowMs).requests).toBe(1);
        expect(window.used(at + windowMs + Math.floor(windowMs / 60)).requests).toBe(0);
      }),
    );
  });

  it('keeps its word on when an amount falls', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 20 }), (gaps, target) => {
        const window = new SlidingWindow(10_000);
        let at = 0;
        for (const { gapMs, amount } of gaps) window.add((at += gapMs), requests(amount));
        const free = window.fallsTo(at, 'requests', target);
        if (free > at) expect(window.used(free - 1).requests).toBeGreaterThan(target);
        expect(window.used(free).requests).toBeLessThanOrEqual(target);
      }),
    );
  });

  it.each([1000, 60_000, 2_678_400_000])('holds no more parts than a window of %d ms has, asked or not', windowMs => {
    const window = new SlidingWindow(windowMs);
    const stepMs = partMsOf(windowMs) / 3;
    for (let step = 0; step < 1000; step++) window.add(step * stepMs, requests(1));
    expect(window['parts'].length).toBeLessThanOrEqual(66);
  });

  it('does not care in which order the past is told', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 50 }), times => {
        const inOrder = new SlidingWindow(10_000);
        const asTold = new SlidingWindow(10_000);
        const sorted = [...times].sort((a, b) => a - b);
        for (const at of sorted) inOrder.add(at, requests(1));
        for (const at of times) asTold.add(at, requests(1));
        for (let at = sorted.at(-1) ?? 0; at < 21_000; at += 100) {
          expect(asTold.used(at)).toEqual(inOrder.used(at));
          expect(asTold.fallsTo(at, 'requests', 1)).toBe(inOrder.fallsTo(at, 'requests', 1));
        }
      }),
    );
  });

  it('is empty again whatever went through it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e300, noNaN: true }), { maxLength: 40 }), amounts => {
        const window = new SlidingWindow(1000);
        amounts.forEach((amount, at) => window.add(at * 10, { ...requests(1), costMicros: amount }));
        window.add(2000, requests(1));
        expect(window.used(2000)).toEqual(requests(1));
        expect(window.isEmpty(4000)).toBe(true);
        expect(window.used(4000)).toEqual(NOTHING);
      }),
    );
  });
});
