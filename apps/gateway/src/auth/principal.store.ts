import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import type { Identity } from './identity-provider.js';
import type { Principal } from './principal.js';

const fields = { subject: true, username: true, groups: true, tierOverride: true, blocked: true } as const;

/** The topic under which a change of a principal is told; the key is the subject. */
export const PRINCIPAL_TOPIC = 'principal';

@Injectable()
export class PrincipalStore {
  constructor(
    private readonly database: DatabaseService,
    private readonly changes: ChangeFeed,
  ) {}

  find(subject: string): Promise<Principal | null> {
    return this.database.principal.findUnique({ where: { subject }, select: fields });
  }

  /** One page in the order of subjects; one more than `limit`, so that the caller sees whether there is more. */
  list(limit: number, after?: string): Promise<Principal[]> {
    return this.database.principal.findMany({
      select: fields,
      where: after === undefined ? {} : { subject: { gt: after } },
      orderBy: { subject: 'asc' },
      take: limit + 1,
    });
  }

  /** Writes what the identity provider tells now. */
  renew({ subject, username, groups }: Identity): Promise<Principal> {
    return this.database.$transaction(async transaction => {
      const data = { username, groups, lastSeenAt: new Date() };
      const principal = await transaction.principal.upsert({
        where: { subject },
        create: { subject, ...data },
        update: data,
        select: fields,
      });
      await this.changes.record(transaction, PRINCIPAL_TOPIC, subject);
      return principal;
    });
  }

  /** @returns the principal as it is now, or `null` where there is none */
  decide(subject: string, decision: { tierOverride?: string | null; blocked?: boolean }): Promise<Principal | null> {
    return this.database.$transaction(async transaction => {
      const { count } = await transaction.principal.updateMany({ where: { subject }, data: decision });
      if (count === 0) return null;
      await this.changes.record(transaction, PRINCIPAL_TOPIC, subject);
      return transaction.principal.findUnique({ where: { subject }, select: fields });
    });
  }
}
