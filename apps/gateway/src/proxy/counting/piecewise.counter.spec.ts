import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import fc from 'fast-check';
import { countPiecewise } from './piecewise.counter.js';

const count = (text: string) => countTokens(text, { disallowedSpecial: new Set() });
const words = fc.array(fc.constantFrom('the', 'Hello,', 'x = 1;\n', 'naïve', "don't", '42', '(a)', '  two'), {
  maxLength: 400,
});

describe('a count in pieces', () => {
  it('is that of the whole where words are parted by spaces', () => {
    fc.assert(
      fc.property(words, list => {
        const text = list.join(' ');
        expect(countPiecewise(text, count)).toBe(count(text));
      }),
      { numRuns: 50 },
    );
  });

  it('hands out the whole text, in pieces that break no character and are never long', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '😀', '漢', '\n'), maxLength: 2000 }), text => {
        const pieces: string[] = [];
        countPiecewise(text, piece => pieces.push(piece));
        expect(pieces.join('')).toBe(text);
        expect(pieces.every(piece => piece.length <= 257 && Buffer.from(piece).toString() === piece)).toBe(true);
      }),
    );
  });

  it.each([
    ['a', 'of one letter'],
    [' ', 'of spaces'],
    ['\n', 'of newlines'],
    ['漢字かな', 'without a space'],
  ])('takes no longer for a run %#', unit => {
    const started = performance.now();
    countPiecewise(unit.repeat(100_000 / unit.length), count);
    // Counted whole, each takes from seconds to a minute.
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
