import fc from 'fast-check';
import { preferredCoding } from './content-coding.js';

describe('preferredCoding', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['GZIP ; q=0.5', 'gzip'],
    ['br;q=0.5, gzip;q=0.9', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['gzip;q=2', undefined],
    ['gzip;q=x', undefined],
    ['gzip,'.repeat(400), undefined],
  ])('answers %j with %j', (header, coding) => {
    expect(preferredCoding(header)).toBe(coding);
  });

  it('answers any text with a known coding or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), header => {
        expect([undefined, 'br', 'gzip']).toContain(preferredCoding(header));
      }),
    );
  });

  it('never answers with a coding that the header excludes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('br', 'gzip', '*;q=0.1', 'identity')), items => {
        const excluded = 'br';
        const rest = items.filter(item => item !== excluded);
        expect(preferredCoding([...rest, `${excluded};q=0`].join(', '))).not.toBe(excluded);
      }),
    );
  });
});
