import fc from 'fast-check';
import { parseTokenUsage, tokenUsageOf } from './usage.parser.js';

describe('the usage that an upstream reports', () => {
  it('is read in the words of chat and of Responses, with its parts', () => {
    const tokens = { inputTokens: 9, cachedInputTokens: 4, outputTokens: 12, reasoningTokens: 5 };
    expect(
      tokenUsageOf({
        prompt_tokens: 9,
        completion_tokens: 12,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 5 },
      }),
    ).toEqual(tokens);
    expect(
      tokenUsageOf({
        input_tokens: 9,
        output_tokens: 12,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens_details: { reasoning_tokens: 5 },
      }),
    ).toEqual(tokens);
  });

  it('is none where there is none', () => {
    for (const none of [null, undefined, 1, 'x', {}, [], { prompt_tokens: 'many' }])
      expect(tokenUsageOf(none)).toBeUndefined();
  });

  it('never is negative, and never breaks an answer, whatever bytes stand in its place', () => {
    fc.assert(fc.property(fc.uint8Array(), bytes => void parseTokenUsage(Buffer.from(bytes))));
    fc.assert(
      fc.property(fc.double(), fc.double(), (prompt_tokens, completion_tokens) => {
        const usage = tokenUsageOf({ prompt_tokens, completion_tokens });
        expect(usage?.inputTokens).toBeGreaterThanOrEqual(0);
        expect(usage?.outputTokens).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
