import fc from 'fast-check';
import { SlidingCount } from './sliding-count.js';

const WINDOW_MS = 60_000;

describe('a sliding count', () => {
  it('is of the hits in the last window, and of none that are a twentieth of it older', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 300 }), waits => {
        const count = new SlidingCount(WINDOW_MS);
        const hits: number[] = [];
        let nowMs = 0;
        for (const wait of waits) {
          nowMs += wait;
          count.add(nowMs);
          hits.push(nowMs);
          const since = (ageMs: number): number => hits.filter(hit => hit > nowMs - ageMs).length;
          expect(count.countAt(nowMs)).toBeGreaterThanOrEqual(since(WINDOW_MS));
          expect(count.countAt(nowMs)).toBeLessThanOrEqual(since(WINDOW_MS * 1.05));
        }
        const wait = count.untilFewerMs(nowMs);
        const before = count.countAt(nowMs);
        if (before > 0) expect(count.countAt(nowMs + wait)).toBeLessThan(before);
        expect(count.isEmptyAt(nowMs + 2 * WINDOW_MS)).toBe(true);
      }),
    );
  });

  it('takes no more memory for more hits', () => {
    const count = new SlidingCount(WINDOW_MS);
    for (let nowMs = 0; nowMs < 10 * WINDOW_MS; nowMs += 7) {
      count.add(nowMs);
      count.countAt(nowMs);
    }
    expect((count as unknown as { parts: unknown[] }).parts.length).toBeLessThanOrEqual(22);
  });
});
