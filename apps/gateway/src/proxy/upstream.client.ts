import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent } from 'undici';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';

/** The connections to all upstreams, kept alive and shared by all requests. */
@Injectable()
export class UpstreamClient implements OnApplicationShutdown {
  readonly dispatcher: Agent;

  constructor(@Inject(ENVIRONMENT) environment: Environment) {
    this.dispatcher = new Agent({
      connect: { timeout: environment.UPSTREAM_CONNECT_TIMEOUT },
      keepAliveTimeout: 30_000,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dispatcher.destroy();
  }
}
