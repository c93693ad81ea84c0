import { Injectable } from '@nestjs/common';
import type { JsonWebKey } from 'node:crypto';
import { DatabaseService, type Prisma } from '../platform/database/index.js';

export interface StoredSigningKey {
  kid: string;
  privateJwk: JsonWebKey;
  publicJwk: JsonWebKey;
}

@Injectable()
export class SigningKeyStore {
  constructor(private readonly database: DatabaseService) {}

  /** Keys that verify, the one that signs first. */
  async current(): Promise<StoredSigningKey[]> {
    const rows = await this.database.signingKey.findMany({
      where: { retiredAt: null },
      orderBy: [{ createdAt: 'desc' }, { kid: 'desc' }],
    });
    return rows.map(row => ({
      kid: row.kid,
      privateJwk: row.privateJwk as unknown as JsonWebKey,
      publicJwk: row.publicJwk as unknown as JsonWebKey,
    }));
  }

  async add({ kid, privateJwk, publicJwk }: StoredSigningKey): Promise<void> {
    await this.database.signingKey.create({
      data: { kid, privateJwk: privateJwk as Prisma.InputJsonValue, publicJwk: publicJwk as Prisma.InputJsonValue },
    });
  }
}
