import fc from 'fast-check';
import { coolDownMs } from './retry-after.js';

describe('Retry-After of an upstream', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');

  it('is read in seconds and as a date', () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), seconds => {
        expect(coolDownMs(String(seconds), now)).toBe(seconds * 1000);
        expect(coolDownMs(new Date(now + seconds * 1000).toUTCString(), now)).toBe(seconds * 1000);
      }),
    );
  });

  it.each([
    ['86400', 60_000],
    ['9'.repeat(400), 60_000],
    ['Tue, 24 Nov 2026 12:00:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 12:00:00 GMT', 0],
    [' 2 ', 2000],
    [undefined, 1000],
    ['', 1000],
    ['-1', 1000],
    ['1.5', 1000],
    ['soon', 1000],
    ['Mon, 99 Nov 2026 12:00:00 GMT', 1000],
  ])('%j is a cool-down of %d ms', (header, expected) => {
    expect(coolDownMs(header, now)).toBe(expected);
  });

  it('is never more than a minute nor less than nothing, whatever is sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map(date => date.toUTCString()),
        ),
        header => {
          const ms = coolDownMs(header, now);
          expect(ms >= 0 && ms <= 60_000).toBe(true);
        },
      ),
    );
  });
});
