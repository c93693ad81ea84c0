import { Injectable } from '@nestjs/common';
import { DatabaseService, Prisma } from '../platform/database/index.js';
import type { UsageFilter } from './usage-filter.js';
import type { GroupKey } from './usage.schemas.js';

export type SumRow = Partial<Record<GroupKey | 'credentialType', string>> &
  Record<'requests' | 'inputTokens' | 'cachedInputTokens' | 'outputTokens' | 'reasoningTokens' | 'costMicros', bigint> &
  Record<'refusedRequests' | 'refusedTokens' | 'refusedConcurrency' | 'refusedAccess', bigint>;

export type EntryRow = Prisma.LedgerEntryGetPayload<object>;

/** The columns of a key, as both tables have them; `at` is when the request began, or the hour of a refusal. */
const KEY_COLUMNS: Record<GroupKey, Prisma.Sql> = {
  model: Prisma.sql`model`,
  day: Prisma.sql`to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day`,
  hour: Prisma.sql`to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS hour`,
  credential: Prisma.sql`credential_type AS "credentialType", credential_id AS credential`,
  user: Prisma.sql`subject AS "user"`,
  tier: Prisma.sql`tier`,
};
const KEY_NAMES: Record<GroupKey, Prisma.Sql> = {
  model: Prisma.sql`model`,
  day: Prisma.sql`day`,
  hour: Prisma.sql`hour`,
  credential: Prisma.sql`"credentialType", credential`,
  user: Prisma.sql`"user"`,
  tier: Prisma.sql`tier`,
};

const all = (conditions: Prisma.Sql[]): Prisma.Sql => Prisma.join(conditions, ' AND ');

const whoAndWhat = ({ subject, tier, model }: UsageFilter): Prisma.Sql[] => [
  ...(subject === undefined ? [] : [Prisma.sql`subject = ${subject}`]),
  ...(tier === undefined ? [] : [Prisma.sql`tier = ${tier}`]),
  ...(model === undefined ? [] : [Prisma.sql`model = ${model}`]),
];

/** No entry ends before it began; the condition that this adds is what lets the index over ends serve everyone's entries. */
const began = ({ from, to }: UsageFilter): Prisma.Sql =>
  Prisma.sql`started_at >= ${from}::timestamptz AND started_at < ${to}::timestamptz AND ended_at >= ${from}::timestamptz`;

const refusedBetween = ({ from, to }: UsageFilter): Prisma.Sql =>
  Prisma.sql`hour >= date_trunc('hour', ${from}::timestamptz, 'UTC') AND hour < ${to}::timestamptz`;

const refused = (reason: string): Prisma.Sql =>
  Prisma.sql`coalesce(sum(refused) FILTER (WHERE reason = ${reason}), 0)::bigint`;

/** Reads the ledger and the sums of refusals. */
@Injectable()
export class UsageQueries {
  constructor(private readonly database: DatabaseService) {}

  /** Sums by the keys, in their order. Refusals know no credential and are left out where that is a key. */
  sums(filter: UsageFilter, keys: readonly GroupKey[], limit: number, offset: number): Promise<SumRow[]> {
    const columns = keys.map(key => Prisma.sql`${KEY_COLUMNS[key]}, `);
    const names = keys.map(key => KEY_NAMES[key]);
    const selected = columns.length === 0 ? Prisma.empty : Prisma.join(columns, '');
    const grouped =
      names.length === 0
        ? Prisma.sql`GROUP BY ()`
        : Prisma.sql`GROUP BY ${Prisma.join(names)} ORDER BY ${Prisma.join(names)}`;
    const listed = names.length === 0 ? Prisma.empty : Prisma.sql`${Prisma.join(names)}, `;
    const refusals = keys.includes('credential')
      ? Prisma.empty
      : Prisma.sql`UNION ALL
        SELECT ${selected} 0, 0, 0, 0, 0, 0, reason, count
        FROM (SELECT subject, tier, model, hour AS at, reason, count FROM refusal_sums WHERE ${all([refusedBetween(filter), ...whoAndWhat(filter)])}) AS refusals`;
    return this.database.$queryRaw<SumRow[]>`
      SELECT ${listed}
        coalesce(sum(requests), 0)::bigint AS requests,
        coalesce(sum(input), 0)::bigint AS "inputTokens", coalesce(sum(cached), 0)::bigint AS "cachedInputTokens",
        coalesce(sum(output), 0)::bigint AS "outputTokens", coalesce(sum(reasoning), 0)::bigint AS "reasoningTokens",
        coalesce(sum(cost), 0)::bigint AS "costMicros",
        ${refused('requests')} AS "refusedRequests", ${refused('tokens')} AS "refusedTokens",
        ${refused('concurrency')} AS "refusedConcurrency", ${refused('access')} AS "refusedAccess"
      FROM (
        SELECT ${selected} 1 AS requests, input_tokens AS input, cached_input_tokens AS cached, output_tokens AS output,
          reasoning_tokens AS reasoning, cost_micros AS cost, NULL::text AS reason, 0::bigint AS refused
        FROM (SELECT *, started_at AS at FROM ledger_entries WHERE ${all([began(filter), ...whoAndWhat(filter)])}) AS entries
        ${refusals}
      ) AS both_tables
      ${grouped} LIMIT ${limit} OFFSET ${offset}`;
  }

  /** At most `limit` entries that began within the time, newest first, beginning below the entry `after`. */
  entries(filter: UsageFilter, limit: number, after?: string): Promise<EntryRow[]> {
    const below =
      after === undefined
        ? []
        : [Prisma.sql`(started_at, id) < (SELECT started_at, id FROM ledger_entries WHERE id = ${after}::uuid)`];
    return this.database.$queryRaw<EntryRow[]>`
      SELECT id, request_id AS "requestId", started_at AS "startedAt", first_byte_at AS "firstByteAt", ended_at AS "endedAt",
        subject, tier, credential_type AS "credentialType", credential_id AS "credentialId", model, upstream, endpoint, streamed,
        outcome, status, input_tokens AS "inputTokens", cached_input_tokens AS "cachedInputTokens", output_tokens AS "outputTokens",
        reasoning_tokens AS "reasoningTokens", usage_source AS "usageSource", cost_micros AS "costMicros",
        bytes_in AS "bytesIn", bytes_out AS "bytesOut"
      FROM ledger_entries WHERE ${all([began(filter), ...whoAndWhat(filter), ...below])}
      ORDER BY started_at DESC, id DESC LIMIT ${limit}`;
  }
}
