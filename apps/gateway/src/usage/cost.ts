import type { TokenUsage } from './token-usage.js';

/** Currency units per million tokens, with at most six decimals. */
export interface Prices {
  inputPerMillion: number;
  /** What cached input costs where it differs from other input. */
  cachedInputPerMillion?: number | null;
  outputPerMillion: number;
}

const SCALE = 1_000_000n;
/** Below it sums of doubles are exact, and so is their quotient by the scale, rounded down. */
const EXACT = 2 ** 50;

/** Millionths of the price, so that the sum is made in whole numbers: 0.1 + 0.2 must not cost more than 0.3. */
const scaled = (price: number): number => Math.round(price * 1_000_000);

/**
 * What the tokens cost, in micro-units of the currency, rounded half up. A price per million tokens in units is a
 * price per token in micro-units.
 */
export function costMicros(tokens: TokenUsage, prices: Prices | null): number {
  if (prices === null) return 0;
  const input = scaled(prices.inputPerMillion);
  const cached = scaled(prices.cachedInputPerMillion ?? prices.inputPerMillion);
  const output = scaled(prices.outputPerMillion);
  const uncachedTokens = tokens.inputTokens - tokens.cachedInputTokens;
  const sum = uncachedTokens * input + tokens.cachedInputTokens * cached + tokens.outputTokens * output;
  if (sum < EXACT) return Math.floor((sum + Number(SCALE) / 2) / Number(SCALE));
  const exact =
    BigInt(uncachedTokens) * BigInt(input) +
    BigInt(tokens.cachedInputTokens) * BigInt(cached) +
    BigInt(tokens.outputTokens) * BigInt(output);
  return Number((exact + SCALE / 2n) / SCALE);
}
