import fc from 'fast-check';
import { isoTime } from './iso-time.js';

describe('isoTime', () => {
  it('is what Date tells, in whatever order moments come', () => {
    const moment = fc.integer({ min: 0, max: Date.parse('9999-12-31T00:00:00Z') });
    const near = fc
      .tuple(moment, fc.array(fc.integer({ min: -1500, max: 1500 })))
      .map(([at, steps]) => [at, ...steps.map(step => Math.max(0, at + step))]);
    fc.assert(
      fc.property(near, moments => {
        for (const ms of moments) expect(isoTime(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });
});
