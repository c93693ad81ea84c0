import fc from 'fast-check';
import { costMicros } from './cost.js';
import { zeroTokens } from './token-usage.js';

const prices = { inputPerMillion: 0.2, cachedInputPerMillion: 0.1, outputPerMillion: 0.6 };

describe('costMicros', () => {
  it('charges a million input tokens at exactly the price', () => {
    expect(costMicros({ ...zeroTokens, inputTokens: 1_000_000 }, prices)).toBe(200_000);
  });

  it('charges cached input at its own price', () => {
    expect(costMicros({ ...zeroTokens, inputTokens: 1_000_000, cachedInputTokens: 400_000 }, prices)).toBe(160_000);
  });

  it('charges cached input as other input where it has no price', () => {
    const tokens = { ...zeroTokens, inputTokens: 100, cachedInputTokens: 50 };
    expect(costMicros(tokens, { inputPerMillion: 3, outputPerMillion: 0 })).toBe(300);
    expect(costMicros(tokens, { inputPerMillion: 3, cachedInputPerMillion: null, outputPerMillion: 0 })).toBe(300);
  });

  it('charges nothing for cached input that is free', () => {
    const tokens = { ...zeroTokens, inputTokens: 100, cachedInputTokens: 100 };
    expect(costMicros(tokens, { ...prices, cachedInputPerMillion: 0 })).toBe(0);
  });

  it('does not charge reasoning twice, as it is part of the output', () => {
    expect(costMicros({ ...zeroTokens, outputTokens: 10, reasoningTokens: 10 }, prices)).toBe(6);
  });

  it('rounds half a micro-unit up, once for the whole request', () => {
    expect(costMicros({ ...zeroTokens, inputTokens: 1 }, { inputPerMillion: 0.5, outputPerMillion: 0 })).toBe(1);
    expect(costMicros({ ...zeroTokens, inputTokens: 1 }, { inputPerMillion: 0.499999, outputPerMillion: 0 })).toBe(0);
    expect(
      costMicros({ ...zeroTokens, inputTokens: 1, outputTokens: 1 }, { inputPerMillion: 0.3, outputPerMillion: 0.3 }),
    ).toBe(1);
  });

  it('is what whole numbers of any size make of it', () => {
    const tokens = fc.nat(2 ** 31 - 1);
    const price = fc.nat(2 ** 31 - 1);
    fc.assert(
      fc.property(tokens, tokens, price, price, (inputTokens, outputTokens, one, other) => {
        const exact = BigInt(inputTokens) * BigInt(one) + BigInt(outputTokens) * BigInt(other);
        expect(
          costMicros(
            { ...zeroTokens, inputTokens, outputTokens },
            { inputPerMillion: one / 1e6, outputPerMillion: other / 1e6 },
          ),
        ).toBe(Number((exact + 500_000n) / 1_000_000n));
      }),
      { numRuns: 2000 },
    );
  });

  it('costs nothing without prices', () => {
    expect(costMicros({ ...zeroTokens, inputTokens: 1_000_000 }, null)).toBe(0);
  });
});
