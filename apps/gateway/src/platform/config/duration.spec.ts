import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.js';

describe('durations', () => {
  it.each([
    ['601s', 601_000],
    ['15m', 900_000],
    ['1h30m45s', 5_445_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
    ['0', 0],
    ['-5m', -300_000],
    ['+5m', 300_000],
    ['.5s', 500],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '-', '15', '15 m', 'm', '1h 5m', '5x', '1.2.3s', '١m', 'Infinity', '1e3s', ' 5m'])(
    'does not read %j',
    text => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each([
    [14_400_000, '4h0m0s'],
    [112_000, '1m52s'],
    [1000, '1s'],
    [12, '12ms'],
    [0, '0s'],
    [1500, '1.5s'],
  ])('writes %d ms as Go does', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), ms =>
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3),
      ),
    );
  });
});
