import { Prisma } from '../../platform/database/index.js';

/** What the rollups sum up. */
export const MEASURES = [
  'requests',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_micros',
  'refused_requests',
  'refused_tokens',
  'refused_concurrency',
  'refused_access',
] as const;

export type Grain = 'hour' | 'day';

interface Rollup {
  table: 'usage_hourly' | 'usage_daily' | 'usage_hourly_totals' | 'usage_daily_totals';
  grain: Grain;
  /** What a row is of, in the order of the primary key. */
  key: readonly string[];
}

const PERSONAL_KEY = ['subject', 'starts_at', 'tier', 'model', 'credential_type', 'credential_id'];
const TOTAL_KEY = ['starts_at', 'tier', 'model'];

const ROLLUPS: readonly Rollup[] = [
  { table: 'usage_hourly', grain: 'hour', key: PERSONAL_KEY },
  { table: 'usage_daily', grain: 'day', key: PERSONAL_KEY },
  { table: 'usage_hourly_totals', grain: 'hour', key: TOTAL_KEY },
  { table: 'usage_daily_totals', grain: 'day', key: TOTAL_KEY },
];

/** Rows are locked in the order of the key, so that replicas that add to the same ones wait for each other in a line. */
function upsertOf({ table, grain, key }: Rollup): string {
  const keys = key.join(', ');
  const begins = key.map(column =>
    column === 'starts_at' ? `date_trunc('${grain}', at, 'UTC') AS starts_at` : column,
  );
  return `${table}_change AS (
    INSERT INTO ${table} (${keys}, ${MEASURES.join(', ')})
    SELECT ${begins.join(', ')}, ${MEASURES.map(measure => `sum(${measure})`).join(', ')}
    FROM change GROUP BY ${key.map((_, index) => index + 1).join(', ')} ORDER BY ${keys}
    ON CONFLICT (${keys}) DO UPDATE SET ${MEASURES.map(measure => `${measure} = ${table}.${measure} + excluded.${measure}`).join(', ')})`;
}

/**
 * Adds the rows of `change`, a table expression of the same statement, to all rollups. It has the columns `at` (when),
 * `subject`, `tier`, `model`, `credential_type`, `credential_id` and the measures.
 */
export const addToRollups: Prisma.Sql = Prisma.raw(ROLLUPS.map(upsertOf).join(',\n'));

/** The table expression `change` of the ledger entries in `source`. */
export const entriesAsChange = (source: Prisma.Sql): Prisma.Sql => Prisma.sql`change AS (
  SELECT started_at AS at, subject, tier, model, credential_type, credential_id, 1 AS requests, input_tokens, cached_input_tokens,
    output_tokens, reasoning_tokens, cost_micros, 0 AS refused_requests, 0 AS refused_tokens, 0 AS refused_concurrency, 0 AS refused_access
  FROM ${source})`;
