import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { entryAt } from '../../../../../test/support/ledger-entry.js';
import { type MigratedDatabase, startMigratedDatabase } from '../../../../../test/support/migrated-database.js';
import { auditLedger } from './ledger-audit.store.js';
import { LedgerPartitionStore } from './ledger-partition.store.js';
import { seedLedger } from './ledger-seed.store.js';
import { LedgerStore } from './ledger.store.js';

const DAY_MS = 86_400_000;
const FROM = new Date('2026-10-30T12:00:00Z');

describe('an audit of the ledger', () => {
  let postgres: MigratedDatabase;

  beforeAll(async () => {
    postgres = await startMigratedDatabase();
  });

  beforeEach(async () => {
    await postgres.database
      .$executeRaw`TRUNCATE ledger_entries, usage_hourly, usage_daily, usage_hourly_totals, usage_daily_totals`;
    const to = new Date(FROM.getTime() + 4 * DAY_MS);
    await seedLedger(postgres.database, { from: FROM, to, entries: 3000, users: 20 });
  });

  afterAll(() => postgres.dispose());

  it('finds nothing in a ledger that was only written', async () => {
    await new LedgerStore(postgres.database, new LedgerPartitionStore(postgres.database)).insert([entryAt(FROM)]);
    const audit = await auditLedger(postgres.database);
    expect(audit).toMatchObject({ entries: 3001, differences: [], outOfReach: [] });
    expect(audit.hours).toBeGreaterThan(90);
  });

  it.each(['usage_hourly', 'usage_daily', 'usage_hourly_totals', 'usage_daily_totals'])(
    'finds a row of %s that was tampered with, and says what it should be',
    async table => {
      const [row] = await postgres.database.$queryRawUnsafe<{ id: string; tokens: bigint }[]>(
        `UPDATE ${table} SET output_tokens = output_tokens + 5 WHERE ctid = (SELECT min(ctid) FROM ${table})
         RETURNING output_tokens AS tokens`,
      );
      const { differences } = await auditLedger(postgres.database);
      const tokens = Number(row?.tokens);
      const found = expect.objectContaining({ output_tokens: tokens });
      const expected = expect.objectContaining({ output_tokens: tokens - 5 });
      expect(differences).toContainEqual({ table, key: expect.anything(), found, expected });
    },
  );

  it('finds a row that is missing, and one that should not be there', async () => {
    await postgres.database
      .$executeRaw`UPDATE usage_daily SET subject = 'nobody' WHERE ctid = (SELECT min(ctid) FROM usage_daily)`;
    const { differences } = await auditLedger(postgres.database);
    expect(differences).toHaveLength(2);
    expect(differences.filter(({ found }) => found['requests'] === 0)).toHaveLength(1);
    expect(differences.filter(({ expected }) => expected['requests'] === 0)).toMatchObject([
      { table: 'usage_daily', key: { subject: 'nobody' } },
    ]);
  });

  it('finds an entry that was deleted or changed behind the rollups', async () => {
    await postgres.database
      .$executeRaw`DELETE FROM ledger_entries WHERE id = (SELECT min(id::text)::uuid FROM ledger_entries)`;
    const { differences } = await auditLedger(postgres.database);
    expect(differences).toMatchObject([{ table: 'usage_hourly' }]);
  });

  it('tells the months that retention has dropped, whose hours nothing can be compared with', async () => {
    await new LedgerPartitionStore(postgres.database).dropBefore(new Date('2026-11-01T00:00:00Z'));
    expect(await auditLedger(postgres.database)).toMatchObject({
      differences: [],
      outOfReach: [new Date('2026-10-01T00:00:00Z')],
    });
  });
});
