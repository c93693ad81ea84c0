import { Injectable } from '@nestjs/common';
import { DatabaseService, type Prisma } from '../database/index.js';

export interface Change {
  id: bigint;
  topic: string;
  key: string;
}

/** The table of changes: written with what changed, read by every replica. */
@Injectable()
export class ChangeStore {
  constructor(private readonly database: DatabaseService) {}

  /** Tells of a change within the transaction that makes it, so that nobody hears of what was rolled back. */
  async record(transaction: Prisma.TransactionClient, topic: string, key: string): Promise<void> {
    await transaction.change.create({ data: { topic, key }, select: { id: true } });
  }

  /** Changes of the last `seconds`, oldest first. */
  async recent(seconds: number): Promise<Change[]> {
    return this.database.$queryRaw<Change[]>`
      SELECT id, topic, key FROM changes WHERE at > now() - make_interval(secs => ${seconds}) ORDER BY id`;
  }

  async prune(seconds: number): Promise<void> {
    await this.database.$executeRaw`DELETE FROM changes WHERE at < now() - make_interval(secs => ${seconds})`;
  }
}
