import type { TierLimit } from './quota/index.js';

/** What its members may have. */
export interface Tier {
  name: string;
  displayName: string;
  description: string;
  /** The higher level wins where groups lead to several tiers, and may use the models of lower ones. */
  level: number;
  /** Never overshoots a token limit. */
  strict: boolean;
  groups: string[];
  limits: TierLimit[];
}

/** Why a principal is of a tier. */
type TierReason = { group: string } | { override: true };

export interface ResolvedTier {
  tier: Tier;
  because: TierReason;
}
