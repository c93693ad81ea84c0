import './tier-request.js';

export { lockCatalog } from './catalog-lock.store.js';
export * from './quota/index.js';
export { limitOnTheWire } from './tier.schemas.js';
export { TIER_TOPIC } from './tier.store.js';
export type { ResolvedTier, Tier } from './tier.js';
export { TiersModule } from './tiers.module.js';
export { seedTiers } from './tiers.seed.js';
export { Tiers } from './tiers.service.js';
