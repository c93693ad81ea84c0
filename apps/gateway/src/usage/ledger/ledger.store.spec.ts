import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { entryAt, type LedgerEntry } from '../../../../../test/support/ledger-entry.js';
import { type MigratedDatabase, startMigratedDatabase } from '../../../../../test/support/migrated-database.js';
import { DatabaseService } from '../../platform/database/index.js';
import { LedgerPartitionStore } from './ledger-partition.store.js';
import { LedgerStore } from './ledger.store.js';

const NOON = new Date('2026-11-23T12:30:00Z');
const later = (ms: number): Date => new Date(NOON.getTime() + ms);

describe('the ledger in Postgres', () => {
  let postgres: MigratedDatabase;
  let ours: LedgerStore;
  let theirs: LedgerStore;
  let theirDatabase: DatabaseService;

  const sumsOf = (table: string) =>
    postgres.database.$queryRawUnsafe<Record<string, bigint>[]>(
      `SELECT sum(requests)::bigint AS requests, sum(input_tokens)::bigint AS input, sum(cost_micros)::bigint AS cost FROM ${table}`,
    );
  const entered = () =>
    postgres.database.$queryRawUnsafe<Record<string, bigint>[]>(
      'SELECT count(*) AS requests, sum(input_tokens)::bigint AS input, sum(cost_micros)::bigint AS cost FROM ledger_entries',
    );
  const expectRollupsToAgree = async (): Promise<void> => {
    const truth = await entered();
    for (const table of ['usage_hourly', 'usage_daily', 'usage_hourly_totals', 'usage_daily_totals'])
      expect(await sumsOf(table)).toEqual(truth);
  };

  beforeAll(async () => {
    postgres = await startMigratedDatabase();
    theirDatabase = new DatabaseService({ url: postgres.url });
    ours = new LedgerStore(postgres.database, new LedgerPartitionStore(postgres.database));
    theirs = new LedgerStore(theirDatabase, new LedgerPartitionStore(theirDatabase));
  });

  beforeEach(async () => {
    await postgres.database
      .$executeRaw`TRUNCATE ledger_entries, usage_hourly, usage_daily, usage_hourly_totals, usage_daily_totals`;
  });

  afterAll(async () => {
    await theirDatabase.onApplicationShutdown();
    await postgres.dispose();
  });

  it('counts a batch once, however often it is sent', async () => {
    const batch = Array.from({ length: 50 }, (_, index) => entryAt(later(index)));
    await ours.insert(batch);
    await theirs.insert(batch);
    await ours.insert([...batch.slice(25), entryAt(later(99))]);
    expect(await entered()).toEqual([{ requests: 51n, input: 510n, cost: 357n }]);
    await expectRollupsToAgree();
  });

  it('takes a batch that spans the border of two months, and one of a month long past', async () => {
    const border = Date.parse('2026-12-01T00:00:00Z');
    await ours.insert([
      entryAt(new Date(border - 1)),
      entryAt(new Date(border)),
      entryAt(new Date('2024-02-29T12:00:00Z')),
    ]);
    const days = await postgres.database.usageDaily.findMany({ orderBy: { startsAt: 'asc' } });
    expect(days.map(({ startsAt }) => startsAt.toISOString().slice(0, 10))).toEqual([
      '2024-02-29',
      '2026-11-30',
      '2026-12-01',
    ]);
    await expectRollupsToAgree();
  });

  it('takes nothing of a batch that holds what it cannot take', async () => {
    const bad = entryAt(NOON, { inputTokens: -1 });
    await expect(ours.insert([entryAt(NOON), bad])).rejects.toThrow('ledger_entries_counts_not_negative');
    expect(await entered()).toEqual([{ requests: 0n, input: null, cost: null }]);
    expect(await postgres.database.usageHourlyTotal.count()).toBe(0);
  });

  it('has rollups that agree where two replicas write the same hours at once, and send some batches twice', async () => {
    const person = (index: number): Partial<LedgerEntry> => ({
      subject: `person-${index % 17}`,
      model: `model-${index % 5}`,
      tier: ['free', 'premium'][index % 2]!,
      credential: { type: 'api_key', id: `key-${index % 3}` },
      inputTokens: index,
    });
    const batches = Array.from({ length: 24 }, (_, batch) =>
      Array.from({ length: 100 }, (_, index) => entryAt(later(batch * 100_000 + index), person(batch + index * 7))),
    );
    await Promise.all(
      batches.flatMap((batch, index) => [
        ours.insert(batch),
        ...(index % 3 === 0 ? [theirs.insert([...batch].reverse())] : []),
        theirs.insert(batch.map(entry => entryAt(entry.startedAt, person(index)))),
      ]),
    );
    expect(await entered()).toMatchObject([{ requests: 4800n }]);
    await expectRollupsToAgree();
  });

  it('takes a batch again whose partition another replica has dropped meanwhile', async () => {
    const old = new Date('2020-01-15T00:00:00Z');
    await ours.insert([entryAt(old)]);
    const dropped = await new LedgerPartitionStore(theirDatabase).dropBefore(new Date('2020-02-01T00:00:00Z'));
    expect(dropped).toEqual(['ledger_entries_2020_01']);
    const next = [entryAt(old)];
    await expect(ours.insert(next)).rejects.toThrow('no partition');
    await ours.insert(next);
    expect(await entered()).toMatchObject([{ requests: 1n }]);
  });

  it('drops whole months alone, and keeps their rollups', async () => {
    await ours.insert([entryAt(new Date('2021-03-31T23:59:59Z')), entryAt(new Date('2021-04-01T00:00:00Z'))]);
    const partitions = new LedgerPartitionStore(postgres.database);
    const dropped = await partitions.dropBefore(new Date('2021-04-30T23:00:00Z'));
    expect(dropped).toContain('ledger_entries_2021_03');
    expect(dropped).not.toContain('ledger_entries_2021_04');
    expect(await entered()).toMatchObject([{ requests: 1n }]);
    expect(await sumsOf('usage_daily')).toMatchObject([{ requests: 2n }]);
  });

  it('drops nothing while somebody reads, rather than have those who write wait', async () => {
    await ours.insert([entryAt(new Date('2021-05-01T00:00:00Z'))]);
    await theirDatabase.$transaction(async reader => {
      await reader.ledgerEntry.count();
      const drop = new LedgerPartitionStore(postgres.database).dropBefore(new Date('2021-06-01T00:00:00Z'));
      await expect(drop).rejects.toThrow('lock timeout');
      await ours.insert([entryAt(new Date('2021-05-02T00:00:00Z'))]);
    });
    expect(await entered()).toMatchObject([{ requests: 2n }]);
  });
});
