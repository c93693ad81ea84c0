import { Injectable } from '@nestjs/common';
import { DatabaseService, Prisma } from '../../platform/database/index.js';
import type { LedgerEntry } from './ledger-entry.js';

/** What the windows of the limits need to know of a request that has ended. */
export interface ConsumedEntry {
  id: string;
  subject: string;
  model: string;
  startedAt: Date;
  endedAt: Date;
  inputTokens: number;
  outputTokens: number;
  costMicros: bigint;
}

const PAGE = 5000;

@Injectable()
export class LedgerStore {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Writes the entries, all or none. One that is there already stays as it is, so that a batch whose commit was not
   * heard of can be sent again. They go as one JSON parameter, because a parameter a field costs the event loop dearly.
   */
  async insert(entries: readonly LedgerEntry[]): Promise<void> {
    const rows = JSON.stringify(
      entries.map(entry => ({ ...entry, credentialType: entry.credential.type, credentialId: entry.credential.id })),
    );
    await this.database.$executeRaw`
      INSERT INTO ledger_entries (
        id, request_id, started_at, first_byte_at, ended_at, subject, tier, credential_type, credential_id, model, upstream, endpoint,
        streamed, outcome, status, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, usage_source, cost_micros, bytes_in, bytes_out)
      SELECT * FROM json_to_recordset(${rows}::json) AS entry (
        "id" uuid, "requestId" text, "startedAt" timestamptz, "firstByteAt" timestamptz, "endedAt" timestamptz, "subject" text, "tier" text,
        "credentialType" text, "credentialId" text, "model" text, "upstream" text, "endpoint" text, "streamed" boolean, "outcome" text,
        "status" integer, "inputTokens" integer, "cachedInputTokens" integer, "outputTokens" integer, "reasoningTokens" integer,
        "usageSource" text, "costMicros" bigint, "bytesIn" bigint, "bytesOut" bigint)
      ON CONFLICT (id) DO NOTHING`;
  }

  /** Pages of what ended at or after `sinceMs` (milliseconds since the epoch), oldest end first. */
  async *entriesSince(sinceMs: number): AsyncGenerator<ConsumedEntry[]> {
    let after = Prisma.sql`ended_at >= ${new Date(sinceMs)}::timestamptz`;
    for (;;) {
      const page = await this.database.$queryRaw<ConsumedEntry[]>`
        SELECT id, subject, model, started_at AS "startedAt", ended_at AS "endedAt",
          input_tokens AS "inputTokens", output_tokens AS "outputTokens", cost_micros AS "costMicros"
        FROM ledger_entries WHERE ${after} ORDER BY ended_at, id LIMIT ${PAGE}`;
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = Prisma.sql`(ended_at, id) > (${last.endedAt}::timestamptz, ${last.id}::uuid)`;
    }
  }
}
