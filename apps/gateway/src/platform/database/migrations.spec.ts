import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConnection } from './database-connection.js';
import { DatabaseService } from './database.service.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { readMigrations } from './migration-files.js';
import { applyMigrations, diffMigrations } from './migrations.js';

/** As the schema engine makes it. */
const MIGRATIONS_TABLE = `CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

describe('the migrations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maas-migrations-'));
  const all = readMigrations().migrationDirectories.map(({ path }) => path);
  let postgres: EmbeddedPostgres;
  let database: DatabaseService;

  const createDatabase = async (name: string): Promise<string> => {
    await database.$executeRawUnsafe(`CREATE DATABASE ${name}`);
    return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
  };

  beforeAll(async () => {
    postgres = await startEmbeddedPostgres(folder, () => undefined);
    database = new DatabaseService({ url: postgres.url });
  });

  afterAll(async () => {
    await database.onApplicationShutdown();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are applied once', async () => {
    expect(await applyMigrations(postgres.url)).toEqual(all);
    expect(await applyMigrations(postgres.url)).toEqual([]);
    expect(await database.tier.count()).toBe(0);
    expect(await database.isReachable()).toBe(true);
  });

  it('are applied by one of two replicas that start together', async () => {
    const url = await createDatabase('replicas');
    const applied = await Promise.all([applyMigrations(url), applyMigrations(url)]);
    expect(applied.flat()).toEqual(all);
  });

  it('are applied again where the process was killed halfway', async () => {
    const url = await createDatabase('halfway');
    await applyMigrations(url);
    const halfway = new DatabaseService({ url });
    await halfway.$executeRaw`DROP SCHEMA public CASCADE`;
    await halfway.$executeRaw`CREATE SCHEMA public`;
    await halfway.$executeRawUnsafe(MIGRATIONS_TABLE);
    await halfway.$executeRaw`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', 'x', ${all[0]})`;
    await halfway.$disconnect();
    expect(await applyMigrations(url)).toEqual(all);
  });

  it('carry a ledger of the first version over into partitions and rollups', async () => {
    const url = await createDatabase('carried');
    const first = readMigrations().migrationDirectories[0]!;
    const sql = first.migrationFile.content.value;
    const carried = new DatabaseService({ url });
    try {
      await carried.$executeRawUnsafe(MIGRATIONS_TABLE);
      await carried.$executeRaw`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
        VALUES ('1', ${createHash('sha256').update(sql).digest('hex')}, ${first.path}, now(), 1)`;
      const client = await openConnection(url);
      await client.query(sql);
      await client.end();
      await carried.$executeRaw`INSERT INTO ledger_entries SELECT gen_random_uuid(), 'request', began, NULL, began, 'ada', 'free', 'token', 'jti',
        'simulator', NULL, 'chat/completions', false, 'completed', 200, 10, 0, 20, 0, 'reported', 7, 1, 1
        FROM generate_series('2026-10-30T00:30:00Z'::timestamptz, '2026-11-02T00:00:00Z', '1 hour') AS began`;
      await carried.$executeRaw`INSERT INTO refusal_sums VALUES ('2026-11-01T10:00:00Z', 'ada', 'free', 'simulator', 'tokens', 3)`;
      expect(await applyMigrations(url)).toEqual(all.slice(1));
      expect(await carried.ledgerEntry.count()).toBe(72);
      const sums = { requests: 72n, outputTokens: 1440n, costMicros: 504n, refusedTokens: 3n };
      const what = { _sum: { requests: true, outputTokens: true, costMicros: true, refusedTokens: true } } as const;
      expect((await carried.usageHourly.aggregate(what))._sum).toEqual(sums);
      expect((await carried.usageDaily.aggregate(what))._sum).toEqual(sums);
      expect((await carried.usageHourlyTotal.aggregate(what))._sum).toEqual(sums);
      expect((await carried.usageDailyTotal.aggregate(what))._sum).toEqual(sums);
    } finally {
      await carried.$disconnect();
    }
  });

  it('make the schema that schema.prisma describes', async () => {
    expect(await diffMigrations(await createDatabase('shadow'))).toBe('');
  });

  it('refuse a limit that no window could hold', async () => {
    await database.tier.create({ data: { name: 'free', displayName: 'Free', level: 1 } });
    const limit = { tierName: 'free', unit: 'tokens', limit: 10n, windowMs: null };
    await expect(database.tierLimit.create({ data: limit })).rejects.toThrow('tier_limits_window_but_for_concurrency');
    await expect(database.tierLimit.create({ data: { ...limit, windowMs: 60_000n } })).resolves.toMatchObject({
      limit: 10n,
    });
  });

  it('say in one line, without a credential, that no database answers', async () => {
    const attempt = applyMigrations('postgresql://someone:hidden@127.0.0.1:1/maas');
    await expect(attempt).rejects.toThrow(
      /^DATABASE_URL: no database answers at 127\.0\.0\.1:1\/maas \(ECONNREFUSED\)$/,
    );
  });

  it.each<[string, Partial<URL>, RegExp]>([
    ['refuses the password', { password: 'hidden' }, /^DATABASE_URL: 127\.0\.0\.1:\d+ refuses .*password.* \(28P01\)$/],
    [
      'does not exist',
      { pathname: '/hidden' },
      /^DATABASE_URL: 127\.0\.0\.1:\d+ has no database of the name .* \(3D000\)$/,
    ],
  ])('say in one line that the database %s', async (_what, changed, line) => {
    const attempt = applyMigrations(Object.assign(new URL(postgres.url), changed).href);
    await expect(attempt).rejects.toThrow(line);
    await expect(attempt).rejects.not.toThrow(new URL(postgres.url).password);
    if ('password' in changed) await expect(attempt).rejects.not.toThrow('hidden');
  });
});
