import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Catalog, type CatalogUpstream } from '../../models/index.js';
import { registry } from '../../platform/telemetry/index.js';
import type { UpstreamHealth } from '../routing/upstream-health.js';
import { UpstreamRouter } from '../routing/upstream.router.js';

const labelNames = ['model', 'upstream'];
const STATES = { closed: 0, half_open: 1, open: 2, cooling: 3 } as const;
const DRAINING = 4;

/**
 * How upstreams are, as series. They are read when somebody scrapes, so that no request pays for them, and bounded by
 * the catalog: what is deleted there is gone here.
 */
@Injectable()
export class UpstreamMetrics {
  constructor(
    private readonly catalog: Catalog,
    private readonly router: UpstreamRouter,
  ) {
    this.count('maas_upstream_requests_total', 'Requests sent to an upstream', ({ record }) => record.requests);
    this.count('maas_upstream_failures_total', 'Requests that an upstream failed', ({ record }) => record.failures);
    this.count(
      'maas_upstream_retries_total',
      'Requests sent to an upstream because another had failed',
      ({ record }) => record.retries,
    );
    this.gauge('maas_upstream_in_flight', 'Requests that an upstream is answering', ({ inFlight }) => inFlight);
    this.gauge(
      'maas_upstream_state',
      '0 takes requests, 1 is being tried, 2 failed and is left alone, 3 asked to be left alone, 4 is drained',
      (health, drained) => (drained ? DRAINING : STATES[health.state(this.router.now())]),
    );
  }

  private count(name: string, help: string, read: (health: UpstreamHealth) => number): void {
    const series = new Counter({
      registers: [registry],
      name,
      help,
      labelNames,
      collect: () => {
        series.reset();
        this.each((labels, health) => series.inc(labels, read(health)));
      },
    });
  }

  private gauge(name: string, help: string, read: (health: UpstreamHealth, drained: boolean) => number): void {
    const series = new Gauge({
      registers: [registry],
      name,
      help,
      labelNames,
      collect: () => {
        series.reset();
        this.each((labels, health, drained) => series.set(labels, read(health, drained)));
      },
    });
  }

  private each(tell: (labels: Record<string, string>, health: UpstreamHealth, drained: boolean) => void): void {
    for (const { id, upstreams, drained } of this.catalog.all()) {
      const tellOf = (isDrained: boolean) => (upstream: CatalogUpstream) =>
        tell({ model: id, upstream: upstream.id }, this.router.healthOf(upstream.id), isDrained);
      upstreams.forEach(tellOf(false));
      drained.forEach(tellOf(true));
    }
  }
}
