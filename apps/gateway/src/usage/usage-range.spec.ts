import fc from 'fast-check';
import { cutRange, hoursOf, type Span } from './usage-range.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (text: string): number => Date.parse(`2026-11-${text}Z`);
const cut = (from: string, to: string, hourly = false) => cutRange({ fromMs: at(from), toMs: at(to) }, hourly);
const span = (from: string, to: string): Span => ({ fromMs: at(from), toMs: at(to) });

describe('the time of a sum', () => {
  it('is whole days where it can be, hours before and after them, and the rest at the ends', () => {
    expect(cut('01T22:30:00', '04T01:10:00')).toEqual({
      rest: [span('01T22:30:00', '01T23:00:00'), span('04T01:00:00', '04T01:10:00')],
      hours: [span('01T23:00:00', '02T00:00:00'), span('04T00:00:00', '04T01:00:00')],
      days: [span('02T00:00:00', '04T00:00:00')],
    });
  });

  it('is hours alone where hours are told apart', () => {
    expect(cut('01T00:00:00', '03T00:00:00', true)).toEqual({
      rest: [],
      hours: [span('01T00:00:00', '03T00:00:00')],
      days: [],
    });
  });

  it('is all rest within an hour', () => {
    expect(cut('01T10:10:00', '01T10:20:00')).toEqual({
      rest: [span('01T10:10:00', '01T10:20:00')],
      hours: [],
      days: [],
    });
  });

  it('is covered once, whatever it is', () => {
    const moment = fc.integer({ min: 0, max: 400 * DAY_MS });
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 40 * DAY_MS }), fc.boolean(), (fromMs, lengthMs, hourly) => {
        const { days, hours, rest } = cutRange({ fromMs, toMs: fromMs + lengthMs }, hourly);
        const all = [...days, ...hours, ...rest].sort((a, b) => a.fromMs - b.fromMs);
        expect(all[0]?.fromMs).toBe(fromMs);
        expect(all.at(-1)?.toMs).toBe(fromMs + lengthMs);
        for (const [index, next] of all.slice(1).entries()) expect(next.fromMs).toBe(all[index]?.toMs);
        for (const { fromMs: begin, toMs: end } of days) expect([begin % DAY_MS, end % DAY_MS]).toEqual([0, 0]);
        for (const { fromMs: begin, toMs: end } of hours) expect([begin % HOUR_MS, end % HOUR_MS]).toEqual([0, 0]);
        for (const each of rest) {
          expect(each.toMs - each.fromMs).toBeLessThan(HOUR_MS);
          expect(hoursOf([each])).toEqual([Math.floor(each.fromMs / HOUR_MS) * HOUR_MS]);
        }
      }),
    );
  });
});
