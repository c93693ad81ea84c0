import { monthOf, monthsFrom } from './ledger-month.js';

describe('a month of the ledger', () => {
  it('begins with its first day in UTC', () => {
    expect(monthOf(new Date('2026-11-30T23:59:59.999Z'))).toEqual(new Date('2026-11-01T00:00:00Z'));
    expect(monthOf(new Date('2026-12-01T00:00:00Z'))).toEqual(new Date('2026-12-01T00:00:00Z'));
  });

  it('is followed by the next, over the end of a year too', () => {
    expect(monthsFrom(new Date('2026-11-30T12:00:00Z'), 2)).toEqual([
      new Date('2026-11-01T00:00:00Z'),
      new Date('2026-12-01T00:00:00Z'),
      new Date('2027-01-01T00:00:00Z'),
    ]);
  });
});
