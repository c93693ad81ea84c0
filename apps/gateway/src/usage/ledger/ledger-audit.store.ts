import { type DatabaseService, Prisma } from '../../platform/database/index.js';
import { monthsFrom } from './ledger-month.js';
import { entriesAsChange, ENTRY_MEASURES, MEASURES, type Rollup, ROLLUPS, selectSums } from './rollups.store.js';

/** A row of a rollup that is not what it should be; where it is missing, or should be, that counts as nothing but zeros. */
export interface Difference {
  table: string;
  key: Record<string, string>;
  found: Record<string, number>;
  expected: Record<string, number>;
}

export interface Audit {
  entries: number;
  hours: number;
  differences: Difference[];
  /** Months whose entries retention has dropped, so that their hours cannot be made again. */
  outOfReach: Date[];
}

/** A hash table of the keys of a busy month should not be written to disk. */
const WORK_MEM = '256MB';
const TIMEOUT_MS = 6 * 3_600_000;

type Reader = Pick<DatabaseService, '$queryRaw' | '$executeRaw'>;

/**
 * Makes the rollups again: the hours of each person from the entries, the other three from those. All of it is read in
 * one snapshot, so that a gateway may go on writing.
 */
export function auditLedger(database: DatabaseService): Promise<Audit> {
  return database.$transaction(
    async reader => {
      await reader.$executeRaw`SELECT set_config('work_mem', ${WORK_MEM}, true)`;
      const [counted] = await reader.$queryRaw<{ entries: bigint; hours: bigint; oldest: Date | null }[]>`
        SELECT (SELECT count(*) FROM ledger_entries) AS entries, (SELECT count(DISTINCT starts_at) FROM usage_hourly_totals) AS hours,
          (SELECT min(to_timestamp(right(inhrelid::regclass::text, 7) || ' +00', 'YYYY_MM TZH'))
            FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass) AS oldest`;
      const months = await monthsOf(reader);
      const outOfReach = months.filter(month => counted?.oldest == null || month < counted.oldest);
      const differences: Difference[] = [];
      for (const month of months) {
        for (const rollup of ROLLUPS) {
          if (rollup.madeFrom === 'ledger_entries' && outOfReach.includes(month)) continue;
          differences.push(...(await differencesOf(reader, rollup, month)));
        }
      }
      return { entries: Number(counted?.entries), hours: Number(counted?.hours), differences, outOfReach };
    },
    { isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead, timeout: TIMEOUT_MS },
  );
}

async function monthsOf(reader: Reader): Promise<Date[]> {
  const rows = await reader.$queryRaw<{ month: Date }[]>`
    SELECT DISTINCT date_trunc('month', starts_at, 'UTC') AS month FROM (
      SELECT starts_at FROM usage_daily UNION SELECT date_trunc('day', starts_at, 'UTC') FROM usage_hourly
      UNION SELECT starts_at FROM usage_daily_totals UNION SELECT date_trunc('day', starts_at, 'UTC') FROM usage_hourly_totals
      UNION SELECT date_trunc('day', started_at, 'UTC') FROM ledger_entries
    ) AS days ORDER BY month`;
  return rows.map(({ month }) => month);
}

function differencesOf(reader: Reader, rollup: Rollup, month: Date): Promise<Difference[]> {
  const fromEntries = rollup.madeFrom === 'ledger_entries';
  // Refusals are in no entry: nothing tells what the hours of a person should have of them.
  const measures = fromEntries ? ENTRY_MEASURES : MEASURES;
  const [begin, end] = monthsFrom(month, 1);
  const within = (column: string): Prisma.Sql =>
    Prisma.sql`${Prisma.raw(column)} >= ${begin}::timestamptz AND ${Prisma.raw(column)} < ${end}::timestamptz`;
  const change = fromEntries
    ? entriesAsChange(Prisma.sql`ledger_entries WHERE ${within('started_at')}`)
    : Prisma.sql`change AS (SELECT *, starts_at AS at FROM ${Prisma.raw(rollup.madeFrom)} WHERE ${within('starts_at')})`;
  const values = (of: string): Prisma.Sql =>
    Prisma.raw(`jsonb_build_object(${measures.map(each => `'${each}', coalesce(${of}.${each}, 0)`).join(', ')})`);
  const key = Prisma.raw(rollup.key.map(each => `'${each}', ${each}`).join(', '));
  return reader.$queryRaw<Difference[]>`
    WITH ${change}, expected AS (${selectSums(rollup)})
    SELECT ${rollup.table} AS table, jsonb_build_object(${key}) AS key, ${values('found')} AS found, ${values('expected')} AS expected
    FROM (SELECT * FROM ${Prisma.raw(rollup.table)} WHERE ${within('starts_at')}) AS found
      FULL JOIN expected USING (${Prisma.raw(rollup.key.join(', '))})
    WHERE ${Prisma.raw(measures.map(each => `coalesce(found.${each}, 0) <> coalesce(expected.${each}, 0)`).join(' OR '))}
    ORDER BY ${Prisma.raw(rollup.key.join(', '))}`;
}
