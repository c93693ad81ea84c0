import { Injectable } from '@nestjs/common';
import { DatabaseService, Prisma } from '../platform/database/index.js';
import { addToRollups } from './ledger/rollups.store.js';

export type RefusalReason = 'requests' | 'tokens' | 'cost' | 'concurrency' | 'access';

/** How often, within the hour that begins at `hour`, something was refused. */
export interface RefusalSum {
  hour: Date;
  subject: string;
  tier: string;
  model: string;
  reason: RefusalReason;
  count: number;
}

const WRITERS_KEPT = '30 days';

const countOf = (reason: RefusalReason): Prisma.Sql => Prisma.sql`CASE WHEN reason = ${reason} THEN count ELSE 0 END`;

@Injectable()
export class RefusalStore {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Adds the sums to the rollups, all or none, and once: a batch whose commit was not heard of can be sent again.
   * @param writer a UUID of the process
   * @param batch higher than that of every batch of this writer before it
   */
  async add(writer: string, batch: number, sums: readonly RefusalSum[]): Promise<void> {
    await this.database.$executeRaw`
      WITH mark AS (
        INSERT INTO refusal_writers (id, last_batch) VALUES (${writer}::uuid, ${batch})
        ON CONFLICT (id) DO UPDATE SET last_batch = excluded.last_batch, wrote_at = excluded.wrote_at
          WHERE refusal_writers.last_batch < excluded.last_batch
        RETURNING id
      ), change AS (
        SELECT hour AS at, subject, tier, model, 'none' AS credential_type, '' AS credential_id, 0 AS requests, 0 AS input_tokens,
          0 AS cached_input_tokens, 0 AS output_tokens, 0 AS reasoning_tokens, 0 AS cost_micros, ${countOf('requests')} AS refused_requests,
          ${countOf('tokens')} AS refused_tokens, ${countOf('cost')} AS refused_cost,
          ${countOf('concurrency')} AS refused_concurrency, ${countOf('access')} AS refused_access
        FROM mark, json_to_recordset(${JSON.stringify(sums)}::json)
          AS sum (subject text, hour timestamptz, tier text, model text, reason text, count bigint)
      ), ${addToRollups} SELECT`;
  }

  /** Forgets the processes that have told nothing for so long that none of their batches can still be on its way. */
  async forgetWriters(): Promise<void> {
    await this.database.$executeRaw`DELETE FROM refusal_writers WHERE wrote_at < now() - ${WRITERS_KEPT}::interval`;
  }
}
