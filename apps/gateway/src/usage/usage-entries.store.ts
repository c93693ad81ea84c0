import { Injectable } from '@nestjs/common';
import { Prisma, ReportingDatabase } from '../platform/database/index.js';
import { allOf, whoAndWhat, within } from './usage-conditions.store.js';
import type { UsageFilter } from './usage-filter.js';

export type EntryRow = Prisma.LedgerEntryGetPayload<object>;

/** A place in the order of the entries. */
export type EntryCursor = Pick<EntryRow, 'startedAt' | 'id'>;

/** Reads the ledger, entry by entry. */
@Injectable()
export class UsageEntries {
  constructor(private readonly database: ReportingDatabase) {}

  /** The place of an entry, or `undefined` where there is none of that id. It may be in any month: each is asked. */
  async cursorOf(id: string): Promise<EntryCursor | undefined> {
    const found = await this.database.ledgerEntry.findFirst({ where: { id }, select: { id: true, startedAt: true } });
    return found ?? undefined;
  }

  /** At most `limit` entries that began within the time, newest first, beginning below `after`. */
  entries(filter: UsageFilter, limit: number, after?: EntryCursor): Promise<EntryRow[]> {
    return this.database.$queryRaw<EntryRow[]>`
      SELECT id, request_id AS "requestId", started_at AS "startedAt", first_byte_at AS "firstByteAt", ended_at AS "endedAt",
        subject, tier, credential_type AS "credentialType", credential_id AS "credentialId", model, upstream, upstream_model AS "upstreamModel", attempts, endpoint, streamed,
        outcome, status, input_tokens AS "inputTokens", cached_input_tokens AS "cachedInputTokens", output_tokens AS "outputTokens",
        reasoning_tokens AS "reasoningTokens", usage_source AS "usageSource", cost_micros AS "costMicros",
        bytes_in AS "bytesIn", bytes_out AS "bytesOut"
      FROM ledger_entries WHERE ${allOf([...placesOf(filter, after), ...whoAndWhat(filter)])}
      ORDER BY started_at DESC, id DESC LIMIT ${limit}`;
  }
}

/**
 * The entries of the time that are below the cursor. There is one upper bound on the start beside the comparison of both
 * columns: it lets Postgres leave out newer months, and with a second one it reads the index from its newest entry on.
 */
function placesOf({ from, to }: UsageFilter, after: EntryCursor | undefined): Prisma.Sql[] {
  if (after === undefined || after.startedAt >= to)
    return [within('started_at', { fromMs: from.getTime(), toMs: to.getTime() })];
  return [
    Prisma.sql`started_at >= ${from}::timestamptz AND started_at <= ${after.startedAt}::timestamptz`,
    Prisma.sql`(started_at, id) < (${after.startedAt}::timestamptz, ${after.id}::uuid)`,
  ];
}
