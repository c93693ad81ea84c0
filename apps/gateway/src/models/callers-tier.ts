import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/index.js';
import type { ResolvedTier, Tiers } from '../tiers/index.js';

/**
 * Who calls, and their tier now.
 * @throws ApiError 403 where nothing leads to a tier
 */
export function callersTier({ principal }: FastifyRequest, tiers: Tiers): ResolvedTier & { principal: Principal } {
  if (principal === undefined) throw new Error('The guards of auth run first');
  return { principal, ...tiers.require(principal) };
}
