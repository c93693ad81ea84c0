import { Injectable } from '@nestjs/common';
import { Prisma, ReportingDatabase } from '../platform/database/index.js';
import { type Grain, MEASURES } from './ledger/rollups.store.js';
import { allOf, whoAndWhat, within } from './usage-conditions.store.js';
import type { UsageFilter } from './usage-filter.js';
import { cutRange, hoursOf, type Span } from './usage-range.js';
import type { GroupKey } from './usage.schemas.js';

export type SumRow = Partial<Record<GroupKey | 'credentialType', string>> &
  Record<'requests' | 'inputTokens' | 'cachedInputTokens' | 'outputTokens' | 'reasoningTokens' | 'costMicros', bigint> &
  Record<'refusedRequests' | 'refusedTokens' | 'refusedCost' | 'refusedConcurrency' | 'refusedAccess', bigint>;

/** The columns of a key, as expressions over a source and by their names in the result. */
const KEYS: Record<GroupKey, { columns: Prisma.Sql; names: Prisma.Sql }> = {
  model: { columns: Prisma.sql`model`, names: Prisma.sql`model` },
  day: { columns: Prisma.sql`to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day`, names: Prisma.sql`day` },
  hour: {
    columns: Prisma.sql`to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS hour`,
    names: Prisma.sql`hour`,
  },
  credential: {
    columns: Prisma.sql`credential_type AS "credentialType", credential_id AS credential`,
    names: Prisma.sql`"credentialType", credential`,
  },
  user: { columns: Prisma.sql`subject AS "user"`, names: Prisma.sql`"user"` },
  tier: { columns: Prisma.sql`tier`, names: Prisma.sql`tier` },
};

const ROLLUP_MEASURES = Prisma.raw(MEASURES.join(', '));
const ENTRY_MEASURES = Prisma.raw(
  MEASURES.map(measure =>
    measure === 'requests' ? '1 AS requests' : measure.startsWith('refused_') ? `0 AS ${measure}` : measure,
  ).join(', '),
);
const REFUSALS_ALONE = Prisma.raw(
  MEASURES.map(measure => (measure.startsWith('refused_') ? measure : `0 AS ${measure}`)).join(', '),
);

const camelCase = (column: string): string => column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const SUMS = Prisma.raw(
  MEASURES.map(measure => `coalesce(sum(${measure}), 0)::bigint AS "${camelCase(measure)}"`).join(', '),
);

/** Sums over the rollups; only the parts of hours at the two ends of the time are summed up from the entries. */
@Injectable()
export class UsageSums {
  constructor(private readonly database: ReportingDatabase) {}

  /**
   * Sums by the keys, in their order. Refusals know no credential and are left out where that is a key.
   * @param after the values of the keys below which to begin, column by column
   */
  sums(
    filter: UsageFilter,
    keys: readonly GroupKey[],
    limit: number,
    offset: number,
    after?: readonly string[],
  ): Promise<SumRow[]> {
    const names = keys.map(key => KEYS[key].names);
    const listed = names.length === 0 ? Prisma.empty : Prisma.sql`${Prisma.join(names)}, `;
    const grouped =
      names.length === 0
        ? Prisma.sql`GROUP BY ()`
        : Prisma.sql`GROUP BY ${Prisma.join(names)} ORDER BY ${Prisma.join(names)}`;
    const below =
      after === undefined ? Prisma.empty : Prisma.sql`WHERE (${Prisma.join(names)}) > (${Prisma.join([...after])})`;
    return this.database.$queryRaw<SumRow[]>`
      SELECT ${listed} ${SUMS} FROM (${Prisma.join(sourcesOf(filter, keys), ' UNION ALL ')}) AS sources
      ${below} ${grouped} LIMIT ${limit} OFFSET ${offset}`;
  }
}

/** What is read for the sums: selections with the keys' columns and the measures. */
function sourcesOf(filter: UsageFilter, keys: readonly GroupKey[]): Prisma.Sql[] {
  const { days, hours, rest } = cutRange(
    { fromMs: filter.from.getTime(), toMs: filter.to.getTime() },
    keys.includes('hour'),
  );
  const byCredential = keys.includes('credential');
  // A row for each person is read only where persons or their credentials are told apart.
  const personal = filter.subject !== undefined || byCredential || keys.includes('user');
  const columns = keys.map(key => Prisma.sql`${KEYS[key].columns}, `);
  const selected = columns.length === 0 ? Prisma.empty : Prisma.join(columns, '');
  const common = whoAndWhat(filter);
  const rollup = (grain: Grain, measures: Prisma.Sql, time: Prisma.Sql): Prisma.Sql => {
    const table = Prisma.raw(`usage_${grain === 'day' ? 'daily' : 'hourly'}${personal ? '' : '_totals'}`);
    const conditions = [time, ...common, ...(byCredential ? [Prisma.sql`credential_type <> 'none'`] : [])];
    return Prisma.sql`SELECT ${selected} ${measures} FROM (SELECT *, starts_at AS at FROM ${table} WHERE ${allOf(conditions)}) AS rollup`;
  };
  const entries = (span: Span): Prisma.Sql =>
    Prisma.sql`SELECT ${selected} ${ENTRY_MEASURES}
      FROM (SELECT *, started_at AS at FROM ledger_entries WHERE ${allOf([within('started_at', span), ...common])}) AS entries`;
  const refusedIn = (hour: number): Prisma.Sql =>
    rollup('hour', REFUSALS_ALONE, Prisma.sql`starts_at = ${new Date(hour)}::timestamptz`);
  return [
    ...days.map(span => rollup('day', ROLLUP_MEASURES, within('starts_at', span))),
    ...hours.map(span => rollup('hour', ROLLUP_MEASURES, within('starts_at', span))),
    ...rest.map(entries),
    ...(byCredential ? [] : hoursOf(rest).map(refusedIn)),
  ];
}
