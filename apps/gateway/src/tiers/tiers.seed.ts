import type { DatabaseService } from '../platform/database/index.js';
import { lockCatalog } from './catalog-lock.store.js';

const perMinutes = (unit: string, limit: bigint, minutes: bigint) => ({ unit, limit, windowMs: minutes * 60_000n });

/** The guide's three. */
const TIERS = [
  { name: 'free', displayName: 'Free', level: 10, group: 'system:authenticated', requests: 5n, tokens: 100n },
  { name: 'premium', displayName: 'Premium', level: 20, group: 'premium-group', requests: 20n, tokens: 50_000n },
  {
    name: 'enterprise',
    displayName: 'Enterprise',
    level: 30,
    group: 'enterprise-group',
    requests: 50n,
    tokens: 100_000n,
  },
];

/** Makes the guide's three tiers where there are none at all. Replicas that start together make them once. */
export async function seedTiers(database: DatabaseService): Promise<void> {
  await database.$transaction(async transaction => {
    await lockCatalog(transaction);
    if ((await transaction.tier.count()) > 0) return;
    for (const { group, requests, tokens, ...tier } of TIERS) {
      await transaction.tier.create({
        data: {
          ...tier,
          groups: { create: { group } },
          limits: { create: [perMinutes('requests', requests, 2n), perMinutes('tokens', tokens, 1n)] },
        },
      });
    }
  });
}
