import { type DatabaseService, Prisma } from '../../platform/database/index.js';
import { LedgerPartitionStore } from './ledger-partition.store.js';
import { addToRollups, entriesAsChange, ROLLUPS } from './rollups.store.js';

export interface SeedSpan {
  from: Date;
  to: Date;
  entries: number;
  /** How many people share the entries, some of them much more than others. */
  users: number;
}

const DRAWN = Prisma.sql`
  SELECT drawn.*, least(power(random(), 2) * users, users - 1)::int AS person, (random() * 3)::int AS choice,
    (5 + 1500 * power(random(), 3))::int AS input, (random() * 600)::int AS output`;

/**
 * Writes entries that nobody made, evenly over the time. The server draws them itself, because all that COPY could do
 * for it is to send three gigabytes of them through this process; and it writes them as the ledger writes its batches.
 */
export async function seedLedger(database: DatabaseService, { from, to, entries, users }: SeedSpan): Promise<void> {
  await new LedgerPartitionStore(database).ensure([from, to]);
  await database.$executeRaw`
    WITH drawn AS MATERIALIZED (
      ${DRAWN} FROM (
        SELECT ${users}::int AS users,
          date_trunc('milliseconds', ${from}::timestamptz + random() * (${to}::timestamptz - ${from}::timestamptz)) AS began
        FROM generate_series(1, ${entries}::int) ORDER BY began
      ) AS drawn
    ), inserted AS (
      INSERT INTO ledger_entries (
        id, request_id, started_at, first_byte_at, ended_at, subject, tier, credential_type, credential_id, model, upstream, endpoint,
        streamed, outcome, status, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, usage_source, cost_micros, bytes_in, bytes_out)
      SELECT (lpad(to_hex((extract(epoch FROM began) * 1000)::bigint), 12, '0') || '7' || right(gen_random_uuid()::text, 3)
          || '8' || right(replace(gen_random_uuid()::text, '-', ''), 15))::uuid,
        gen_random_uuid()::text, began, began + interval '200 milliseconds', began + output * interval '10 milliseconds',
        'seed-user-' || person, (ARRAY['free', 'premium', 'enterprise'])[person % 3 + 1], CASE choice % 2 WHEN 0 THEN 'token' ELSE 'api_key' END,
        -- Everybody has an API key, and a new token each day.
        md5(person || CASE choice % 2 WHEN 0 THEN to_char(began, 'YYYYMMDD') ELSE 'key' END)::uuid::text,
        'model-' || (person + choice / 2) % 5, NULL, 'chat/completions', choice > 1, CASE WHEN random() < 0.03 THEN 'client_aborted' ELSE 'completed' END,
        200, input, input / 4, output, output / 8, 'reported', input + 3 * output, input * 4, output * 4
      FROM drawn
      ON CONFLICT (id, started_at) DO NOTHING
      RETURNING *
    ), ${entriesAsChange(Prisma.sql`inserted`)}, ${addToRollups} SELECT`;
}

/** So that the first question is not put to tables of which Postgres knows nothing yet. */
export async function tidyLedger(database: DatabaseService): Promise<void> {
  for (const table of ['ledger_entries', ...ROLLUPS.map(rollup => rollup.table)])
    await database.$executeRaw`${Prisma.raw(`VACUUM (ANALYZE) ${table}`)}`;
}
