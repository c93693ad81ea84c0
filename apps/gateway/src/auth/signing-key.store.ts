import { Injectable } from '@nestjs/common';
import type { JsonWebKey } from 'node:crypto';
import { DatabaseService, type Prisma } from '../platform/database/index.js';
import { SecretBox } from '../platform/secrets/index.js';

export interface NewSigningKey {
  kid: string;
  privateJwk: JsonWebKey;
  publicJwk: JsonWebKey;
}

/** `privateJwk` is absent where it was sealed with an encryption key that this process does not have. */
export type StoredSigningKey = Omit<NewSigningKey, 'privateJwk'> & { privateJwk?: JsonWebKey };

/** A key opens in its own row only. */
const placeOf = (kid: string): string => `signing-keys/${kid}`;

/** The key pairs that sign access tokens, the private keys sealed (ADR 0008). */
@Injectable()
export class SigningKeyStore {
  constructor(
    private readonly database: DatabaseService,
    private readonly secrets: SecretBox,
  ) {}

  /** The keys that verify, the newest first. */
  async current(): Promise<StoredSigningKey[]> {
    return (await this.rows()).map(({ kid, sealedPrivateJwk, publicJwk }) => ({
      kid,
      privateJwk: this.open(kid, sealedPrivateJwk),
      publicJwk: publicJwk as unknown as JsonWebKey,
    }));
  }

  async add({ kid, privateJwk, publicJwk }: NewSigningKey): Promise<void> {
    await this.database.signingKey.create({
      data: { kid, sealedPrivateJwk: this.seal(kid, privateJwk), publicJwk: publicJwk as Prisma.InputJsonValue },
    });
  }

  /**
   * Seals with the newest encryption key the private keys that an older one sealed or an older version stored in clear.
   * A key that another replica has sealed in the meantime is left as that replica wrote it.
   */
  async sealAll(): Promise<void> {
    for (const { kid, sealedPrivateJwk: kept } of await this.rows()) {
      if (typeof kept === 'string' && this.secrets.isCurrent(kept)) continue;
      const privateJwk = this.open(kid, kept);
      if (privateJwk === undefined) continue;
      await this.database.signingKey.updateMany({
        where: { kid, sealedPrivateJwk: { equals: kept as Prisma.InputJsonValue } },
        data: { sealedPrivateJwk: this.seal(kid, privateJwk) },
      });
    }
  }

  private rows() {
    return this.database.signingKey.findMany({
      where: { retiredAt: null },
      orderBy: [{ createdAt: 'desc' }, { kid: 'desc' }],
    });
  }

  private seal(kid: string, privateJwk: JsonWebKey): string {
    return this.secrets.seal(JSON.stringify(privateJwk), placeOf(kid));
  }

  private open(kid: string, kept: Prisma.JsonValue): JsonWebKey | undefined {
    if (typeof kept !== 'string') return kept as unknown as JsonWebKey;
    const text = this.secrets.open(kept, placeOf(kid));
    return text === undefined ? undefined : (JSON.parse(text) as JsonWebKey);
  }
}
