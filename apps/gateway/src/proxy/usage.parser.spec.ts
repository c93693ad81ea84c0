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

  it('is that of embeddings, which have no output', () => {
    expect(tokenUsageOf({ prompt_tokens: 8, total_tokens: 8 })).toMatchObject({ inputTokens: 8, outputTokens: 0 });
  });

  it('has in its input what Anthropic tells apart as read from a cache and written to one', () => {
    expect(
      tokenUsageOf({
        input_tokens: 10,
        cache_read_input_tokens: 200,
        cache_creation_input_tokens: 30,
        output_tokens: 7,
      }),
    ).toEqual({ inputTokens: 240, cachedInputTokens: 200, outputTokens: 7, reasoningTokens: 0 });
  });

  it('does not add a cache to an input that has it already', () => {
    expect(tokenUsageOf({ prompt_tokens: 210, completion_tokens: 7, cache_read_input_tokens: 200 })).toMatchObject({
      inputTokens: 210,
      cachedInputTokens: 200,
    });
  });

  it('has in its output the reasoning that a server counts beside it', () => {
    const completion_tokens_details = { reasoning_tokens: 90 };
    expect(
      tokenUsageOf({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 105, completion_tokens_details }),
    ).toMatchObject({ outputTokens: 95, reasoningTokens: 90 });
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
