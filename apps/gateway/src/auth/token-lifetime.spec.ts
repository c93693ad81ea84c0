import { lifetimeMs } from './token-lifetime.js';

const of = (expiration: unknown) => lifetimeMs(expiration, 14_400_000, 86_400_000);

describe('lifetimeMs', () => {
  it.each([
    [undefined, 14_400_000],
    [null, 14_400_000],
    ['601s', 601_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    [90, 90_000],
    ['1500ms', 1000],
  ])('takes %j', (expiration, ms) => expect(of(expiration)).toBe(ms));

  it.each([
    0,
    -1,
    '0s',
    '-5m',
    '',
    ' ',
    'soon',
    '3600',
    '25h',
    86_401,
    true,
    [],
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '500ms',
  ])('refuses %j and names what is allowed', expiration => expect(() => of(expiration)).toThrow('from 1s to 24h0m0s'));
});
