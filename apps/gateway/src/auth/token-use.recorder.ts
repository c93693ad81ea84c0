import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AccessTokenStore } from './access-token.store.js';

const FLUSH_MS = 10_000;

/** Remembers when each token was last used; a request costs one entry in memory, and Postgres is told in batches. */
@Injectable()
export class TokenUseRecorder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(TokenUseRecorder.name);
  private uses = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: AccessTokenStore) {}

  record(jti: string, nowMs: number): void {
    this.uses.set(jti, nowMs);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Writes what was recorded; what cannot be written is kept for the next time. Never rejects. */
  async flush(): Promise<void> {
    if (this.uses.size === 0) return;
    const written = this.uses;
    this.uses = new Map();
    try {
      await this.store.touch([...written].map(([jti, atMs]) => ({ jti, at: new Date(atMs) })));
    } catch (error) {
      this.logger.warn({ err: error }, 'the last uses of tokens could not be written and will be tried again');
      // Uses since then are newer and win.
      this.uses = new Map([...written, ...this.uses]);
    }
  }
}
