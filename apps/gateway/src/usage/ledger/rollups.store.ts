import { Prisma } from '../../platform/database/index.js';

/** What an entry adds to the rollups. */
export const ENTRY_MEASURES = [
  'requests',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_micros',
] as const;

/** What the rollups sum up. */
export const MEASURES = [
  ...ENTRY_MEASURES,
  'refused_requests',
  'refused_tokens',
  'refused_cost',
  'refused_concurrency',
  'refused_access',
] as const;

export type Grain = 'hour' | 'day';

export interface Rollup {
  table: 'usage_hourly' | 'usage_daily' | 'usage_hourly_totals' | 'usage_daily_totals';
  grain: Grain;
  /** What a row is of, in the order of the primary key. */
  key: readonly string[];
  /** The table whose sums it holds. */
  madeFrom: 'ledger_entries' | 'usage_hourly' | 'usage_hourly_totals';
}

const PERSONAL_KEY = ['subject', 'starts_at', 'tier', 'model', 'credential_type', 'credential_id'];
const TOTAL_KEY = ['starts_at', 'tier', 'model'];

export const ROLLUPS: readonly Rollup[] = [
  { table: 'usage_hourly', grain: 'hour', key: PERSONAL_KEY, madeFrom: 'ledger_entries' },
  { table: 'usage_daily', grain: 'day', key: PERSONAL_KEY, madeFrom: 'usage_hourly' },
  { table: 'usage_hourly_totals', grain: 'hour', key: TOTAL_KEY, madeFrom: 'usage_hourly' },
  { table: 'usage_daily_totals', grain: 'day', key: TOTAL_KEY, madeFrom: 'usage_hourly_totals' },
];

/** The sums of the table expression `change` by the rollup's key. */
function sumsOf({ grain, key }: Rollup): string {
  const begins = key.map(column =>
    column === 'starts_at' ? `date_trunc('${grain}', at, 'UTC') AS starts_at` : column,
  );
  return `SELECT ${begins.join(', ')}, ${MEASURES.map(measure => `sum(${measure}) AS ${measure}`).join(', ')}
    FROM change GROUP BY ${key.map((_, index) => index + 1).join(', ')}`;
}

/** Rows are locked in the order of the key, so that replicas that add to the same ones wait for each other in a line. */
function upsertOf(rollup: Rollup): string {
  const { table } = rollup;
  const keys = rollup.key.join(', ');
  return `${table}_change AS (
    INSERT INTO ${table} (${keys}, ${MEASURES.join(', ')}) ${sumsOf(rollup)} ORDER BY ${keys}
    ON CONFLICT (${keys}) DO UPDATE SET ${MEASURES.map(measure => `${measure} = ${table}.${measure} + excluded.${measure}`).join(', ')})`;
}

/** The sums of the table expression `change` of the same statement, as rows of the rollup. */
export const selectSums = (rollup: Rollup): Prisma.Sql => Prisma.raw(sumsOf(rollup));

/**
 * Adds the rows of `change`, a table expression of the same statement, to all rollups. It has the columns `at` (when),
 * `subject`, `tier`, `model`, `credential_type`, `credential_id` and the measures.
 */
export const addToRollups: Prisma.Sql = Prisma.raw(ROLLUPS.map(upsertOf).join(',\n'));

/** The table expression `change` of the ledger entries in `source`. */
export const entriesAsChange = (source: Prisma.Sql): Prisma.Sql => Prisma.sql`change AS (
  SELECT started_at AS at, subject, tier, model, credential_type, credential_id, 1 AS requests, input_tokens, cached_input_tokens,
    output_tokens, reasoning_tokens, cost_micros, 0 AS refused_requests, 0 AS refused_tokens, 0 AS refused_cost,
    0 AS refused_concurrency, 0 AS refused_access
  FROM ${source})`;
