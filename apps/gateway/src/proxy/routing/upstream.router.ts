import { Injectable } from '@nestjs/common';
import type { CatalogModel, CatalogUpstream } from '../../models/index.js';
import { RetryBudget } from './retry-budget.js';
import { UpstreamHealth } from './upstream-health.js';
import { UpstreamRoute } from './upstream-route.js';

/** What this process has learnt of all upstreams, and the ways of requests through them. */
@Injectable()
export class UpstreamRouter {
  private readonly healths = new Map<string, UpstreamHealth>();
  private readonly budgets = new Map<string, RetryBudget>();
  private readonly now = (): number => performance.now();

  routeFor(model: CatalogModel): UpstreamRoute<CatalogUpstream> {
    const { healthOf, now } = this;
    return new UpstreamRoute(model.upstreams, { healthOf, budget: this.budgetOf(model.id), now, random: Math.random });
  }

  private readonly healthOf = (upstreamId: string): UpstreamHealth => {
    let health = this.healths.get(upstreamId);
    if (health === undefined) this.healths.set(upstreamId, (health = new UpstreamHealth()));
    return health;
  };

  private budgetOf(modelId: string): RetryBudget {
    let budget = this.budgets.get(modelId);
    if (budget === undefined) this.budgets.set(modelId, (budget = new RetryBudget()));
    return budget;
  }
}
