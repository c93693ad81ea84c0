import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { Lifecycle } from '../platform/health/index.js';

/** A stall is noticed later than the timeout by up to this part of it. */
const TICKS_PER_TIMEOUT = 10;

/** One timer for all running relays, instead of one each that every chunk would have to set anew. */
@Injectable()
export class ClientStallClock implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly lifecycle: Lifecycle,
  ) {}

  onModuleInit(): void {
    const timeoutMs = this.environment.MAAS_CLIENT_STALL_TIMEOUT;
    if (timeoutMs === 0) return;
    const tick = (): void => this.lifecycle.tick(performance.now());
    this.timer = setInterval(tick, Math.ceil(timeoutMs / TICKS_PER_TIMEOUT)).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
