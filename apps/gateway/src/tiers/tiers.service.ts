import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { accessDenied } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { Quota } from './quota/index.js';
import type { ResolvedTier, Tier } from './tier.js';
import { resolveTier } from './tier-resolution.js';
import { TIER_TOPIC, TierStore } from './tier.store.js';

/** All tiers, read from memory on the data plane and kept fresh by the change feed. */
@Injectable()
export class Tiers implements OnModuleInit {
  private tiers: readonly Tier[] = [];

  constructor(
    private readonly store: TierStore,
    private readonly changes: ChangeFeed,
    private readonly quota: Quota,
  ) {}

  async onModuleInit(): Promise<void> {
    // There are few: reading all again costs less than telling apart what changed.
    const reload = async (): Promise<void> => {
      this.tiers = await this.store.all();
      this.quota.remember(this.tiers.flatMap(({ limits }) => limits));
    };
    this.changes.subscribe(TIER_TOPIC, { onChange: reload, onReset: reload });
    await this.store.seed();
    await reload();
  }

  /** The lowest level first, by name among those of one level. */
  all(): Tier[] {
    return [...this.tiers];
  }

  get(name: string): Tier | undefined {
    return this.tiers.find(tier => tier.name === name);
  }

  resolve(principal: Pick<Principal, 'groups' | 'tierOverride'>): ResolvedTier | undefined {
    return resolveTier(this.tiers, principal);
  }

  /** @throws ApiError 403 where nothing leads to a tier */
  require(principal: Pick<Principal, 'groups' | 'tierOverride'>): ResolvedTier {
    const resolved = this.resolve(principal);
    if (resolved === undefined) throw accessDenied('No subscription tier is assigned to this user');
    return resolved;
  }
}
