import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeFeed } from '../platform/events/index.js';
import { AccessTokenStore, REVOCATION_TOPIC, type RevokedToken } from './access-token.store.js';

/** Every revoked token that has not expired: in Postgres for good, in memory for the data plane. */
@Injectable()
export class RevocationList implements OnModuleInit {
  private readonly expiries = new Map<string, number>();

  constructor(
    private readonly store: AccessTokenStore,
    private readonly changes: ChangeFeed,
  ) {}

  async onModuleInit(): Promise<void> {
    this.changes.subscribe(REVOCATION_TOPIC, {
      onChange: async subject => this.add(await this.store.revoked(subject)),
      onReset: async () => this.add(await this.store.revoked()),
    });
    this.add(await this.store.revoked());
  }

  has(jti: string): boolean {
    return this.expiries.has(jti);
  }

  add(tokens: RevokedToken[]): void {
    for (const { jti, expiresAt } of tokens) this.expiries.set(jti, expiresAt.getTime());
  }

  /** Forgets the tokens that have expired by `nowMs`. */
  prune(nowMs: number): void {
    for (const [jti, expiresAtMs] of this.expiries) if (expiresAtMs < nowMs) this.expiries.delete(jti);
  }
}
