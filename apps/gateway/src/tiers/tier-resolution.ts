import type { ResolvedTier, Tier } from './tier.js';

/**
 * Which tier a principal is of, now: an administrator's override, else the highest level that a group leads to, and
 * the first by name of several of that level. An override that names no tier any more counts as none, so that deleting a
 * tier locks nobody out.
 * @returns `undefined` where nothing leads to a tier
 */
export function resolveTier(
  tiers: readonly Tier[],
  principal: { groups: readonly string[]; tierOverride: string | null },
): ResolvedTier | undefined {
  const overriding = tiers.find(tier => tier.name === principal.tierOverride);
  if (overriding !== undefined) return { tier: overriding, because: { override: true } };
  let best: ResolvedTier | undefined;
  for (const tier of tiers) {
    if (best !== undefined && !winsOver(tier, best.tier)) continue;
    const group = principal.groups.find(name => tier.groups.includes(name));
    if (group !== undefined) best = { tier, because: { group } };
  }
  return best;
}

/** Two replicas must not place one person differently, in whichever order they came to know the tiers. */
const winsOver = (tier: Tier, other: Tier): boolean =>
  tier.level > other.level || (tier.level === other.level && tier.name < other.name);
