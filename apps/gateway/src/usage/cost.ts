import type { TokenUsage } from './token-usage.js';

/** Currency units per million tokens, with at most six decimals. */
export interface Prices {
  inputPerMillion: number;
  /** What cached input costs where it differs from other input. */
  cachedInputPerMillion?: number | null;
  outputPerMillion: number;
}

const SCALE = 1_000_000n;

/** Millionths of the price, so that the sum is made in whole numbers: 0.1 + 0.2 must not cost more than 0.3. */
const scaled = (price: number): bigint => BigInt(Math.round(price * 1_000_000));

/**
 * What the tokens cost, in micro-units of the currency, rounded half up. A price per million tokens in units is a
 * price per token in micro-units.
 */
export function costMicros(tokens: TokenUsage, prices: Prices | null): number {
  if (prices === null) return 0;
  const uncached = BigInt(tokens.inputTokens - tokens.cachedInputTokens) * scaled(prices.inputPerMillion);
  const cached = BigInt(tokens.cachedInputTokens) * scaled(prices.cachedInputPerMillion ?? prices.inputPerMillion);
  const output = BigInt(tokens.outputTokens) * scaled(prices.outputPerMillion);
  return Number((uncached + cached + output + SCALE / 2n) / SCALE);
}
