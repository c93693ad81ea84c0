import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AccessTokenStore } from './access-token.store.js';
import { RevocationList } from './revocation-list.service.js';
import { VerifiedTokenCache } from './verified-token.cache.js';

const PRUNE_MS = 60_000;

/** Forgets expired tokens, in memory and in Postgres. */
@Injectable()
export class TokenHousekeeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(TokenHousekeeping.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: AccessTokenStore,
    private readonly revocations: RevocationList,
    private readonly cache: VerifiedTokenCache,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.prune(Date.now()), PRUNE_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private prune(nowMs: number): void {
    this.cache.prune(nowMs);
    this.revocations.prune(nowMs);
    this.store
      .prune()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'expired tokens stay for another minute'));
  }
}
