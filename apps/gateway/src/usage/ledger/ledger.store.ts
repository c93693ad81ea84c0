import { Injectable } from '@nestjs/common';
import { DatabaseService, Prisma } from '../../platform/database/index.js';
import type { WrittenEntry } from './ledger-entry.js';
import { LedgerPartitionStore } from './ledger-partition.store.js';
import { addToRollups, entriesAsChange } from './rollups.store.js';

/** Takes the entries as one parameter of JSON, because a parameter a field costs the event loop dearly. */
const INSERTION = Prisma.sql`
  WITH inserted AS (
    INSERT INTO ledger_entries (
      id, request_id, started_at, first_byte_at, ended_at, subject, tier, credential_type, credential_id, model, upstream, upstream_model, attempts, endpoint,
      streamed, outcome, status, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, usage_source, cost_micros, bytes_in, bytes_out)
    SELECT id, "requestId", "startedAt", "firstByteAt", "endedAt", subject, tier, credential->>'type', credential->>'id', model, upstream, "upstreamModel", attempts, endpoint,
      streamed, outcome, status, "inputTokens", "cachedInputTokens", "outputTokens", "reasoningTokens", "usageSource", "costMicros", "bytesIn", "bytesOut"
    FROM json_to_recordset($1::json) AS entry (
      "id" uuid, "requestId" text, "startedAt" timestamptz, "firstByteAt" timestamptz, "endedAt" timestamptz, "subject" text, "tier" text,
      "credential" json, "model" text, "upstream" text, "upstreamModel" text, "attempts" integer, "endpoint" text, "streamed" boolean, "outcome" text,
      "status" integer, "inputTokens" integer, "cachedInputTokens" integer, "outputTokens" integer, "reasoningTokens" integer,
      "usageSource" text, "costMicros" bigint, "bytesIn" bigint, "bytesOut" bigint)
    -- In one order for all, so that two processes that send the same entries do not wait for each other in a circle.
    ORDER BY id
    ON CONFLICT (id, started_at) DO NOTHING
    RETURNING *
  ), ${entriesAsChange(Prisma.sql`inserted`)}, ${addToRollups} SELECT`.text;

const OPENING = 0x5b;
const COMMA = 0x2c;
const CLOSING = 0x5d;

/** One array of JSON. As bytes, because a text of half a megabyte would be copied by the collector while Postgres works. */
function jsonArrayOf(entries: readonly WrittenEntry[]): Buffer {
  const array = Buffer.allocUnsafe(entries.reduce((sum, { json }) => sum + Buffer.byteLength(json) + 1, 2));
  let at = 0;
  array[at++] = OPENING;
  for (const { json } of entries) {
    if (at > 1) array[at++] = COMMA;
    at += typeof json === 'string' ? array.write(json, at) : json.copy(array, at);
  }
  array[at++] = CLOSING;
  return array.subarray(0, at);
}

@Injectable()
export class LedgerStore {
  constructor(
    private readonly database: DatabaseService,
    private readonly partitions: LedgerPartitionStore,
  ) {}

  /**
   * Writes the entries and adds them to the rollups, all or none. One that is there already stays as it is and is added
   * to nothing, so that a batch whose commit was not heard of can be sent again.
   */
  async insert(entries: readonly WrittenEntry[]): Promise<void> {
    // Before anything is awaited: their bytes are good until others are read.
    const rows = jsonArrayOf(entries);
    try {
      await this.partitions.ensure(entries.map(entry => entry.startedAt));
      // Past Prisma, which would read and write the whole text twice more on its way.
      await this.database.pool.query(INSERTION, [rows]);
    } catch (error) {
      this.partitions.forget();
      throw error;
    }
  }
}
