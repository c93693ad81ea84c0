import type { Demand } from '../tiers/index.js';
import { type Measured, zeroTokens } from '../usage/index.js';
import type { RelayResult } from './relay.js';

/**
 * What is charged: the upstream's own count, else an estimate from what was relayed, else nothing.
 * @param demand what was estimated at admission; it bounds the estimate
 */
export function chargeOf(
  { usage, outputEstimate, outcome, status }: RelayResult,
  demand: Demand,
): Pick<Measured, 'tokens' | 'usageSource'> {
  if (usage !== undefined) return { tokens: usage, usageSource: 'reported' };
  const served = outputEstimate > 0 || (outcome === 'completed' && status < 400);
  if (!served) return { tokens: zeroTokens, usageSource: 'none' };
  const outputTokens = outputEstimate > 0 ? Math.min(outputEstimate, demand.outputTokens) : demand.outputTokens;
  return { tokens: { ...zeroTokens, inputTokens: demand.inputTokens, outputTokens }, usageSource: 'estimated' };
}
