import { encode } from 'gpt-tokenizer/encoding/cl100k_base';
import fc from 'fast-check';
import { countTokens, tokenPieces } from './tokens.js';

const text = fc.string({ unit: fc.constantFrom('a', ' ', 'the', '\n', '👋🏽', '你', 'é', '\ufeff', '.') });

describe('tokens', () => {
  it('have one piece each, and the pieces join to the text', () => {
    fc.assert(
      fc.property(text, sample => {
        const pieces = tokenPieces(sample);
        expect(pieces.join('')).toBe(sample);
        expect(pieces).toHaveLength(encode(sample).length);
        expect(countTokens(sample)).toBe(pieces.length);
      }),
    );
  });

  it('never split a character between pieces', () => {
    expect(tokenPieces('👋🏽').every(piece => !/\ufffd|\p{Cs}/u.test(piece))).toBe(true);
  });

  it('count the text of a special token as plain text', () => {
    expect(countTokens('<|endoftext|>')).toBeGreaterThan(1);
  });
});
