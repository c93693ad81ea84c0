import { Injectable } from '@nestjs/common';
import type { CatalogModel, CatalogUpstream } from '../../models/index.js';
import { invalidRequest } from '../../platform/errors/index.js';
import { Lifecycle } from '../../platform/health/index.js';
import { legEndOf, reasonOf } from '../relay.verdict.js';
import { RouteLeg } from '../routing/upstream-route.js';
import { UpstreamRouter } from '../routing/upstream.router.js';
import { failureOf, failureOfStatus, type UpstreamFailure } from '../upstream-failure.js';
import { UpstreamClient } from '../upstream.client.js';
import { askUpstream } from '../upstream.question.js';
import type { TrialOutcome } from './upstream-health.schemas.js';
import { toldBy, trialOf, withoutSecrets } from './upstream-trial.js';

/** How long an administrator's call waits, where the upstream itself would be given longer. */
const MAX_MS = 30_000;

/**
 * Sends an upstream a real, tiny request. It is nobody's: it counts to no limit and stands in no ledger, from which
 * limits are restored. What it tells of the upstream counts as any request's answer does.
 */
@Injectable()
export class UpstreamTrier {
  constructor(
    private readonly client: UpstreamClient,
    private readonly router: UpstreamRouter,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** @throws ApiError 400 where the upstream has no endpoint that can be tried by a tiny request */
  async try(model: CatalogModel, upstream: CatalogUpstream): Promise<TrialOutcome> {
    const trial = trialOf(upstream.endpoints, model.capabilities);
    if (trial === undefined) throw invalidRequest('It has no endpoint that a tiny request could try');
    const leg = new RouteLeg(upstream, this.router.healthOf(upstream.id), this.router.now);
    const startedAt = Date.now();
    const startedAtMs = performance.now();
    const outcomeOf = (failure: UpstreamFailure | undefined, status: number | null, text = ''): TrialOutcome => {
      const latencyMs = Math.round(performance.now() - startedAtMs);
      const firstByteAt = status === null ? null : new Date();
      leg.end(legEndOf({ outcome: failure?.outcome ?? 'completed', brokenBy: failure, firstByteAt }, startedAt));
      const { message, model: name } = toldBy(text);
      const ok = failure === undefined && status !== null && status < 400;
      return {
        ok,
        endpoint: trial.endpoint,
        status,
        latencyMs,
        ...(name !== undefined && { model: name }),
        ...(!ok && {
          error: withoutSecrets(message ?? (failure ? reasonOf(failure) : `status ${status}`), upstream.headers),
        }),
      };
    };
    try {
      const reply = await askUpstream(this.client.dispatcherOf(upstream), upstream, {
        method: 'POST',
        path: `${upstream.basePath}/${trial.endpoint}`,
        body: JSON.stringify({ model: upstream.model, ...trial.body }),
        timeoutMs: Math.min(upstream.firstByteTimeoutMs, MAX_MS),
        cut: this.lifecycle.cutSignal,
      });
      return outcomeOf(failureOfStatus(reply.status, reply.retryAfter), reply.status, reply.text);
    } catch (error) {
      return outcomeOf(failureOf(error), null);
    }
  }
}
