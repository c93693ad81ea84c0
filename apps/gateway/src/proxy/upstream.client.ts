import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent } from 'undici';
import { type CatalogUpstream, UpstreamAddresses } from '../models/index.js';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { upstreamConnector } from './upstream.connector.js';

const KEEP_ALIVE_MS = 30_000;

/** The connections to all upstreams, kept alive. Those that are made alike are shared by all requests. */
@Injectable()
export class UpstreamClient implements OnApplicationShutdown {
  private readonly shared: Agent;
  /** By upstream, of those that say how their connections are made: certificates of their own, say. */
  private readonly own = new Map<string, { key: string; agent: Agent }>();

  constructor(
    @Inject(ENVIRONMENT) environment: Environment,
    private readonly addresses: UpstreamAddresses,
  ) {
    this.shared = this.agentOf(environment.UPSTREAM_CONNECT_TIMEOUT);
  }

  /** What to send a request to the upstream by. */
  dispatcherOf({ id, connection }: CatalogUpstream): Agent {
    if (connection === null) return this.shared;
    const kept = this.own.get(id);
    if (kept?.key === connection.key) return kept.agent;
    // What runs on the connections that were made in the old way runs to its end.
    void kept?.agent.close();
    const { key, connectTimeoutMs, certKey, ca, cert, servername } = connection;
    const agent = this.agentOf(connectTimeoutMs, { ca, cert, key: certKey, servername });
    this.own.set(id, { key, agent });
    return agent;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.shared, ...[...this.own.values()].map(({ agent }) => agent)].map(agent => agent.destroy()));
  }

  private agentOf(connectTimeoutMs: number, tls: Record<string, string | undefined> = {}): Agent {
    return new Agent({
      connect: upstreamConnector({ timeout: connectTimeoutMs, lookup: this.addresses.lookup, ...tls }),
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
  }
}
