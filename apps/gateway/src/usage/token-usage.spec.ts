import { soundTokens, zeroTokens } from './token-usage.js';

describe('soundTokens', () => {
  it('keeps a sound report as it is', () => {
    const report = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 20, reasoningTokens: 5 };
    expect(soundTokens(report)).toEqual(report);
  });

  it('holds absurd counts within what the ledger can store', () => {
    expect(soundTokens({ inputTokens: 1e15, cachedInputTokens: 0, outputTokens: 1.9, reasoningTokens: 0 })).toEqual({
      inputTokens: 2147483647,
      cachedInputTokens: 0,
      outputTokens: 1,
      reasoningTokens: 0,
    });
  });

  it('counts what is not a number, and what is negative, as nothing', () => {
    expect(soundTokens({ inputTokens: NaN, cachedInputTokens: 3, outputTokens: -1, reasoningTokens: 7 })).toEqual(
      zeroTokens,
    );
  });

  it('never lets a part exceed its whole', () => {
    const sound = soundTokens({ inputTokens: 5, cachedInputTokens: 9, outputTokens: 5, reasoningTokens: 9 });
    expect(sound).toMatchObject({ cachedInputTokens: 5, reasoningTokens: 5 });
  });
});
