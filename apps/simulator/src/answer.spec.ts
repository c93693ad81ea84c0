import fc from 'fast-check';
import { answerOf, answerTo } from './answer.js';
import { countTokens } from './tokens.js';

describe('an answer', () => {
  it('is the same for the same prompt, and its pieces are the tokens of its text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(3), (prompt, choice) => {
        const pieces = answerTo(prompt, choice);
        expect(answerTo(prompt, choice)).toEqual(pieces);
        expect(countTokens(pieces.join(''))).toBe(pieces.length);
      }),
    );
  });

  it('is longer than two hundred tokens unless the question is a well-known one', () => {
    fc.assert(fc.property(fc.string(), prompt => answerTo(`about ${prompt}`).length > 200));
  });

  it('greets back in the twelve tokens that the documentation shows', () => {
    expect(answerTo('Hello, how are you?').join('')).toBe('Hello! I am doing well, thank you for asking.');
    expect(answerTo('Hello, how are you?')).toHaveLength(12);
  });

  it('has exactly as many tokens as were asked for', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 3000 }), tokens => answerOf(tokens, 'hi').length === tokens));
  });
});
