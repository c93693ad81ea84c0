import fc from 'fast-check';
import { SlidingWindow } from './sliding-window.js';

const arrivals = fc.array(
  fc.record({ gapMs: fc.integer({ min: 0, max: 5000 }), amount: fc.integer({ min: 1, max: 5 }) }),
  { maxLength: 200 },
);

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
            if (window.used(at) + amount > limit) continue;
            window.add(at, amount);
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
        window.add(at, 1);
        expect(window.used(at + windowMs - 1)).toBe(1);
        expect(window.used(at + windowMs + Math.ceil(windowMs / 60))).toBe(0);
      }),
    );
  });

  it('keeps its word on when an amount falls', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 20 }), (gaps, target) => {
        const window = new SlidingWindow(10_000);
        let at = 0;
        for (const { gapMs, amount } of gaps) window.add((at += gapMs), amount);
        const free = window.fallsTo(at, target);
        if (free > at) expect(window.used(free - 1)).toBeGreaterThan(target);
        expect(window.used(free)).toBeLessThanOrEqual(target);
      }),
    );
  });

  it('holds no more parts than the window has', () => {
    const window = new SlidingWindow(60_000);
    for (let at = 0; at < 600_000; at += 10) {
      window.add(at, 1);
      window.used(at);
    }
    expect(window['buckets'].length).toBeLessThanOrEqual(62);
  });
});
