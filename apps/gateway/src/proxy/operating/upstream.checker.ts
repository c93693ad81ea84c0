import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Catalog, type CatalogUpstream } from '../../models/index.js';
import { ENVIRONMENT, type Environment } from '../../platform/config/index.js';
import { UpstreamRouter } from '../routing/upstream.router.js';
import { UpstreamClient } from '../upstream.client.js';
import { askUpstream } from '../upstream.question.js';

const TIMEOUT_MS = 5000;
/** Checks at a time. */
const PARALLEL = 8;

/**
 * Asks upstreams that are not well, or that no request has told anything of lately, for their `healthPath`: so one that
 * dies while nobody asks is known before somebody does, and one that is back is found by no client's request.
 */
@Injectable()
export class UpstreamChecker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopped = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly catalog: Catalog,
    private readonly router: UpstreamRouter,
    private readonly client: UpstreamClient,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  beforeApplicationShutdown(): void {
    this.stopped.abort();
    clearTimeout(this.timer);
  }

  /** Each wait is a little different, so that replicas that start together do not ask together for ever. */
  private schedule(): void {
    if (this.stopped.signal.aborted) return;
    const waitMs = this.environment.UPSTREAM_CHECK_INTERVAL * (0.9 + Math.random() * 0.2);
    this.timer = setTimeout(() => void this.round().finally(() => this.schedule()), waitMs).unref();
  }

  private async round(): Promise<void> {
    const models = [...this.catalog.all()];
    const upstreams = models.flatMap(model => model.upstreams);
    const known = [...upstreams, ...models.flatMap(model => model.drained)];
    this.router.keepOnly(new Set(models.map(({ id }) => id)), new Set(known.map(({ id }) => id)));
    const nowMs = this.router.now();
    // Half of the interval, or the jitter would leave an idle one out every second time.
    const idleMs = this.environment.UPSTREAM_CHECK_INTERVAL / 2;
    const waiting = upstreams.filter(({ id }) => this.router.healthOf(id).wantsCheck(nowMs, idleMs));
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await this.check(next);
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
  }

  private async check(upstream: CatalogUpstream): Promise<void> {
    const { healthPath: path } = upstream;
    if (path === null || this.stopped.signal.aborted) return;
    const health = this.router.healthOf(upstream.id);
    const failed = (reason: string): void => {
      if (this.stopped.signal.aborted) return;
      health.checked(false, this.router.now());
      health.record.noted({ message: `${path}: ${reason}`, at: new Date() });
    };
    try {
      const question = { method: 'GET', path, timeoutMs: TIMEOUT_MS, cut: this.stopped.signal } as const;
      const { status } = await askUpstream(this.client.dispatcherOf(upstream), upstream, question);
      if (status >= 500) failed(`status ${status}`);
      // Another status is about the question: there may be no such path, or it wants another credential.
      else if (status >= 200 && status < 300) health.checked(true, this.router.now());
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
  }
}
