import fc from 'fast-check';
import { matchesTag } from './entity-tag.js';

describe('matchesTag', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['*', true],
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['"b"', false],
    ['a', false],
    ['"a', false],
    ['w/"a"', false],
  ])('compares %j with "a": %j', (header, matches) => {
    expect(matchesTag(header, '"a"')).toBe(matches);
  });

  it('finds a tag among any others', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^"[a-z]{0,8}"$/)), fc.nat(), (others, at) => {
        const list = others.toSpliced(at % (others.length + 1), 0, '"the-tag"');
        expect(matchesTag(list.join(', '), '"the-tag"')).toBe(true);
      }),
    );
  });
});
