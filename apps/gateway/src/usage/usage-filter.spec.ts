import { filterOf } from './usage-filter.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('filterOf', () => {
  it('covers the last 30 days where no time is told', () => {
    expect(filterOf({}, NOW)).toMatchObject({ from: new Date('2026-10-24T12:00:00Z'), to: new Date(NOW) });
  });

  it('covers whole hours where no time is told, so that its sums need no entry', () => {
    expect(filterOf({}, NOW + 60_000)).toMatchObject({
      from: new Date('2026-10-24T12:00:00Z'),
      to: new Date('2026-11-23T13:00:00Z'),
    });
  });

  it('covers the 30 days before an end that is told', () => {
    expect(filterOf({ to: new Date('2026-01-31T00:00:00Z') }, NOW).from).toEqual(new Date('2026-01-01T00:00:00Z'));
  });

  it('refuses a time without length, naming where it begins', () => {
    const refused = expect.objectContaining({ status: 400, param: 'from' });
    expect(() => filterOf({ from: new Date(NOW) }, NOW)).toThrow(refused);
    expect(() => filterOf({ from: new Date(NOW), to: new Date(NOW - 1) }, NOW)).toThrow(refused);
  });
});
