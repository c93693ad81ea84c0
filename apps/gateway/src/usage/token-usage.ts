/** Tokens of one request by kind. Cached input is part of the input, reasoning part of the output. */
export interface TokenUsage {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  reasoningTokens: number;
}

/** How a count was come by, best first. */
export type UsageSource = 'reported' | 'counted' | 'estimated' | 'none';

export const zeroTokens: Readonly<TokenUsage> = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

const MAX_TOKENS = 2 ** 31 - 1;

const within = (count: number, max: number): number => (count > 0 ? Math.min(Math.trunc(count), max) : 0);

/**
 * What the ledger can hold of what an upstream claimed: whole, not negative, parts no larger than their whole. One
 * absurd report must neither be refused by Postgres nor let a request go free.
 */
export function soundTokens(claimed: TokenUsage): TokenUsage {
  const inputTokens = within(claimed.inputTokens, MAX_TOKENS);
  const outputTokens = within(claimed.outputTokens, MAX_TOKENS);
  return {
    inputTokens,
    cachedInputTokens: within(claimed.cachedInputTokens, inputTokens),
    outputTokens,
    reasoningTokens: within(claimed.reasoningTokens, outputTokens),
  };
}
