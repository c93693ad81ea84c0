import type { TierLimit } from './quota/index.js';

/** What its members may have. */
export interface Tier {
  name: string;
  displayName: string;
  description: string;
  /**
   * The higher level wins where groups lead to several tiers, and may use the models of lower ones. Among tiers of one
   * level the first by name wins, and each may use the models of the others.
   */
  level: number;
  /** Never overshoots a token limit. */
  strict: boolean;
  groups: string[];
  limits: TierLimit[];
}

/**
 * The order in which tiers are told: the lowest level first, by name among those of one level. Names are compared here
 * and not by the database, whose collation would make another order on another machine.
 */
export const byLevel = (one: Tier, other: Tier): number =>
  one.level - other.level || (one.name < other.name ? -1 : Number(one.name > other.name));

/** Why a principal is of a tier. */
type TierReason = { group: string } | { override: true };

export interface ResolvedTier {
  tier: Tier;
  because: TierReason;
}
