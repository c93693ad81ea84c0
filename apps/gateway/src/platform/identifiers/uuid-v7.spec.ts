import fc from 'fast-check';
import { validate, version } from 'uuid';
import { uuidV7 } from './uuid-v7.js';

const LAST_MS = 2 ** 48 - 1;
const times = fc.integer({ min: 0, max: LAST_MS });

describe('a UUIDv7', () => {
  it('is one by its layout, and begins with the time', () => {
    fc.assert(
      fc.property(times, nowMs => {
        const id = uuidV7(nowMs);
        expect(validate(id)).toBe(true);
        expect(version(id)).toBe(7);
        expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(nowMs);
      }),
    );
  });
  it('sorts by time', () => {
    fc.assert(
      fc.property(times, times, (one, other) => {
        fc.pre(one < other);
        expect(uuidV7(one) < uuidV7(other)).toBe(true);
      }),
    );
  });
  it('is never the same twice', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => uuidV7(1))).size).toBe(10_000);
  });
});
