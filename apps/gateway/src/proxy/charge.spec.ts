import { countedChargeOf, knownChargeOf } from './charge.js';
import { RelayedText } from './relayed.text.js';
import type { RelayResult } from './relay.terms.js';

const demand = { modelId: 'm', inputTokens: 20, outputTokens: 100, costMicros: 0 };
const usage = { inputTokens: 9, cachedInputTokens: 2, outputTokens: 5, reasoningTokens: 1 };
const textOf = (...pieces: string[]): RelayedText => {
  const text = new RelayedText(() => Promise.resolve(undefined));
  for (const piece of pieces) text.add('answer', Buffer.from(piece), 0, piece.length);
  return text;
};
const resultOf = (fields: Partial<RelayResult>): RelayResult => ({
  usage: undefined,
  text: undefined,
  outcome: 'completed',
  status: 200,
  firstByteAt: null,
  bytesOut: 100,
  brokenBy: undefined,
  failure: undefined,
  ...fields,
});

describe('the charge', () => {
  it('is what the upstream reports', () => {
    expect(knownChargeOf(resultOf({ usage, text: textOf() }), true)).toEqual({
      tokens: usage,
      usageSource: 'reported',
    });
  });

  it('is nothing where nothing was served', () => {
    for (const nothing of [
      { status: 400 },
      { outcome: 'client_aborted', status: 499, bytesOut: 0 },
      { outcome: 'upstream_failed', status: 502, bytesOut: 0 },
    ] satisfies Partial<RelayResult>[])
      expect(knownChargeOf(resultOf(nothing), true)).toMatchObject({ tokens: { inputTokens: 0 }, usageSource: 'none' });
  });

  it('is the last report and what came after it', () => {
    const result = resultOf({ usage, text: textOf('one'), outcome: 'client_aborted' });
    expect(knownChargeOf(result, true)).toBeUndefined();
    const output = { outputTokens: 3, reasoningTokens: 2 };
    expect(countedChargeOf(result, { output }, demand)).toEqual({
      tokens: { inputTokens: 9, cachedInputTokens: 2, outputTokens: 8, reasoningTokens: 3 },
      usageSource: 'counted',
    });
  });

  it('is a count of all where there was no report', () => {
    const result = resultOf({ text: textOf('one') });
    const counted = { inputTokens: 7, output: { outputTokens: 3, reasoningTokens: 0 } };
    expect(countedChargeOf(result, counted, demand)).toMatchObject({
      tokens: { inputTokens: 7, outputTokens: 3 },
      usageSource: 'counted',
    });
  });

  it('is an estimate where there was no count, and no more than was asked for', () => {
    expect(countedChargeOf(resultOf({ text: textOf('one', 'two') }), {}, demand)).toMatchObject({
      tokens: { inputTokens: 20, outputTokens: 2 },
      usageSource: 'estimated',
    });
    expect(countedChargeOf(resultOf({ text: textOf('x'.repeat(10_000)) }), {}, demand)).toMatchObject({
      tokens: { outputTokens: 100 },
    });
    expect(countedChargeOf(resultOf({}), { inputTokens: 7 }, demand)).toMatchObject({
      tokens: { inputTokens: 7, outputTokens: 100 },
      usageSource: 'estimated',
    });
  });
});
