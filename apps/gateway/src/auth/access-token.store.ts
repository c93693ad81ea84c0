import { Injectable } from '@nestjs/common';
import { DatabaseService, Prisma } from '../platform/database/index.js';
import { ChangeFeed } from '../platform/events/index.js';

export interface IssuedToken {
  jti: string;
  subject: string;
  name: string | null;
  issuedAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

export interface RevokedToken {
  jti: string;
  expiresAt: Date;
}

/** The topic under which revocations are told; the key is the subject. */
export const REVOCATION_TOPIC = 'revocation';

/** Issued tokens and the revocation list. The tokens themselves are stored nowhere. */
@Injectable()
export class AccessTokenStore {
  constructor(
    private readonly database: DatabaseService,
    private readonly changes: ChangeFeed,
  ) {}

  async add(token: Omit<IssuedToken, 'lastUsedAt'>): Promise<void> {
    await this.database.accessToken.create({ data: token });
  }

  /** Live tokens, newest first; one more than `limit`. */
  async list(subject: string, limit: number, after?: string): Promise<IssuedToken[]> {
    return this.database.accessToken.findMany({
      where: { subject, expiresAt: { gt: new Date() } },
      orderBy: [{ issuedAt: 'desc' }, { jti: 'desc' }],
      take: limit + 1,
      ...(after === undefined ? {} : { cursor: { jti: after }, skip: 1 }),
    });
  }

  /** Moves live tokens of the subject, one or all, to the revocation list. */
  revoke(subject: string, jti?: string): Promise<RevokedToken[]> {
    const one = jti === undefined ? Prisma.empty : Prisma.sql`AND jti = ${jti}::uuid`;
    return this.database.$transaction(async transaction => {
      const revoked = await transaction.$queryRaw<RevokedToken[]>`
        WITH gone AS (
          DELETE FROM access_tokens WHERE subject = ${subject} AND expires_at > now() ${one} RETURNING jti, subject, expires_at
        )
        INSERT INTO revoked_tokens (jti, subject, expires_at) SELECT jti, subject, expires_at FROM gone
        RETURNING jti, expires_at AS "expiresAt"`;
      if (revoked.length > 0) await this.changes.record(transaction, REVOCATION_TOPIC, subject);
      return revoked;
    });
  }

  /** The revocation list, of one subject or whole. */
  revoked(subject?: string): Promise<RevokedToken[]> {
    return this.database.revokedToken.findMany({
      where: { expiresAt: { gt: new Date() }, ...(subject === undefined ? {} : { subject }) },
      select: { jti: true, expiresAt: true },
    });
  }

  /** Notes when tokens were last used. */
  async touch(uses: { jti: string; at: Date }[]): Promise<void> {
    const jtis = uses.map(use => use.jti);
    const times = uses.map(use => use.at);
    await this.database.$executeRaw`
      UPDATE access_tokens SET last_used_at = used.at
      FROM unnest(${jtis}::uuid[], ${times}::timestamptz[]) AS used (jti, at) WHERE access_tokens.jti = used.jti`;
  }

  /** Forgets what has expired: nobody could use it anyway. */
  async prune(): Promise<void> {
    const now = new Date();
    await this.database.accessToken.deleteMany({ where: { expiresAt: { lt: now } } });
    await this.database.revokedToken.deleteMany({ where: { expiresAt: { lt: now } } });
  }
}
