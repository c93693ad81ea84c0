import { Injectable } from '@nestjs/common';
import { type CatalogModel, type CatalogUpstream, ModelReadiness } from '../../models/index.js';
import { type ApiError, noUpstream } from '../../platform/errors/index.js';
import { RetryBudget } from './retry-budget.js';
import { UpstreamHealth } from './upstream-health.js';
import { UpstreamRoute } from './upstream-route.js';

/** When to ask again for a model none of whose upstreams will be well by itself. */
const UNKNOWN_MS = 30_000;

const understands = ({ endpoints }: CatalogUpstream, path: string): boolean =>
  endpoints.length === 0 || endpoints.includes(path);

const upstreamsFor = ({ upstreams }: CatalogModel, path: string): CatalogUpstream[] =>
  upstreams.filter(upstream => understands(upstream, path));

/** What this process has learnt of all upstreams, and the ways of requests through them. */
@Injectable()
export class UpstreamRouter {
  private readonly healths = new Map<string, UpstreamHealth>();
  private readonly budgets = new Map<string, RetryBudget>();
  readonly now = (): number => performance.now();

  constructor(readiness: ModelReadiness) {
    readiness.judgeBy(model => this.isReady(model));
  }

  /** @param path of the endpoint, which not each of the upstreams may understand */
  routeFor(model: CatalogModel, path: string): UpstreamRoute<CatalogUpstream> {
    const { healthOf, now } = this;
    return new UpstreamRoute(upstreamsFor(model, path), {
      healthOf,
      budget: this.budgetOf(model.id),
      now,
      random: Math.random,
    });
  }

  readonly healthOf = (upstreamId: string): UpstreamHealth => {
    let health = this.healths.get(upstreamId);
    if (health === undefined) this.healths.set(upstreamId, (health = new UpstreamHealth(this.now())));
    return health;
  };

  /** @throws ApiError 503 where no upstream of the model may be sent a request to the endpoint now */
  requireAvailable(model: CatalogModel, path: string): void {
    const nowMs = this.now();
    for (const upstream of model.upstreams)
      if (upstream.weight > 0 && understands(upstream, path) && this.healthOf(upstream.id).isAvailable(nowMs)) return;
    throw this.unavailable(model, path);
  }

  /** The refusal of a request that no upstream of the model can be sent. */
  unavailable(model: CatalogModel, path: string, cause?: ApiError): ApiError {
    const message = cause?.message ?? `The model '${model.id}' has no healthy upstream`;
    return noUpstream(message, this.availableInMs(model, path), cause?.cause);
  }

  /** How long until one of the model's upstreams may be asked for the endpoint; milliseconds, 0 where one may be now. */
  private availableInMs(model: CatalogModel, path: string): number {
    const nowMs = this.now();
    const waits = upstreamsFor(model, path)
      .filter(({ weight }) => weight > 0)
      .map(({ id }) => Math.max(this.healthOf(id).availableAtMs - nowMs, 0));
    return waits.length === 0 ? UNKNOWN_MS : Math.min(...waits);
  }

  /** Forgets what the catalog no longer has. */
  keepOnly(modelIds: ReadonlySet<string>, upstreamIds: ReadonlySet<string>): void {
    for (const id of this.budgets.keys()) if (!modelIds.has(id)) this.budgets.delete(id);
    for (const [id, { inFlight }] of this.healths) if (!upstreamIds.has(id) && inFlight === 0) this.healths.delete(id);
  }

  /** One that is being tried is ready: a client's request may be what it takes. */
  private isReady({ upstreams }: CatalogModel): boolean {
    const nowMs = this.now();
    return upstreams.some(({ id, weight }) => {
      if (weight === 0) return false;
      const state = this.healthOf(id).state(nowMs);
      return state === 'closed' || state === 'half_open';
    });
  }

  private budgetOf(modelId: string): RetryBudget {
    let budget = this.budgets.get(modelId);
    if (budget === undefined) this.budgets.set(modelId, (budget = new RetryBudget()));
    return budget;
  }
}
