import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { entryAt, type LedgerEntry } from '../../../../test/support/ledger-entry.js';
import { type MigratedDatabase, startMigratedDatabase } from '../../../../test/support/migrated-database.js';
import { ReportingDatabase } from '../platform/database/index.js';
import { LedgerPartitionStore } from './ledger/ledger-partition.store.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { RefusalStore, type RefusalSum } from './refusal.store.js';
import type { UsageFilter } from './usage-filter.js';
import { UsageSums } from './usage-sums.store.js';
import type { GroupKey } from './usage.schemas.js';

const HOUR_MS = 3_600_000;
const BEGIN = Date.parse('2026-11-29T20:00:00Z');
const LENGTH_MS = 60 * HOUR_MS;
const ALL = { from: new Date(BEGIN), to: new Date(BEGIN + LENGTH_MS) };

/** What the entries of the time come to by the keys, made without a database. */
function expected(entries: LedgerEntry[], { from, to, subject, tier, model }: UsageFilter, keys: readonly GroupKey[]) {
  const sums = new Map<string, { requests: number; inputTokens: number; costMicros: number }>();
  for (const entry of entries) {
    if (entry.startedAt < from || entry.startedAt >= to) continue;
    if ((subject ?? entry.subject) !== entry.subject || (tier ?? entry.tier) !== entry.tier) continue;
    if ((model ?? entry.model) !== entry.model) continue;
    const began = entry.startedAt.toISOString();
    const values: Record<GroupKey, string> = {
      model: entry.model,
      day: began.slice(0, 10),
      hour: `${began.slice(0, 13)}:00:00Z`,
      credential: entry.credential.id,
      user: entry.subject,
      tier: entry.tier,
    };
    const key = JSON.stringify(keys.map(name => values[name]));
    const sum = sums.get(key) ?? { requests: 0, inputTokens: 0, costMicros: 0 };
    sums.set(key, {
      requests: sum.requests + 1,
      inputTokens: sum.inputTokens + entry.inputTokens,
      costMicros: sum.costMicros + entry.costMicros,
    });
  }
  return sums;
}

describe('the sums of usage', () => {
  const random = (below: number): number => Math.floor(Math.random() * below);
  const entries = Array.from({ length: 600 }, () =>
    entryAt(new Date(BEGIN + random(LENGTH_MS)), {
      subject: `person-${random(4)}`,
      tier: `tier-${random(2)}`,
      model: `model-${random(3)}`,
      credential: { type: 'token', id: `token-${random(5)}` },
      inputTokens: random(1000),
      costMicros: random(1000),
    }),
  );
  let postgres: MigratedDatabase;
  let reporting: ReportingDatabase;
  let refusals: RefusalStore;
  let sums: UsageSums;

  beforeAll(async () => {
    postgres = await startMigratedDatabase();
    reporting = new ReportingDatabase({ url: postgres.url });
    refusals = new RefusalStore(postgres.database);
    sums = new UsageSums(reporting);
    await new LedgerStore(postgres.database, new LedgerPartitionStore(postgres.database)).insert(entries);
  });

  afterAll(async () => {
    await reporting.onApplicationShutdown();
    await postgres.dispose();
  });

  it('are those of the entries, whatever the time, the filter and the keys', async () => {
    const moment = fc.oneof(
      fc.integer({ min: 0, max: LENGTH_MS }),
      fc.integer({ min: 0, max: LENGTH_MS / HOUR_MS }).map(hours => hours * HOUR_MS),
    );
    const maybe = (text: string, count: number) =>
      fc.option(
        fc.integer({ min: 0, max: count }).map(index => `${text}-${index}`),
        { nil: undefined },
      );
    const filters = fc
      .record({ a: moment, b: moment, subject: maybe('person', 3), tier: maybe('tier', 1), model: maybe('model', 2) })
      .map(({ a, b, ...rest }) => ({
        from: new Date(BEGIN + Math.min(a, b)),
        to: new Date(BEGIN + Math.max(a, b) + 1),
        ...rest,
      }));
    const keys = fc.subarray<GroupKey>(['model', 'day', 'hour', 'credential', 'user', 'tier']);
    await fc.assert(
      fc.asyncProperty(filters, keys, async (filter, by) => {
        const rows = await sums.sums(filter, by, 10_000, 0);
        const found = new Map(
          rows
            .filter(row => row.requests > 0n)
            .map(row => [
              JSON.stringify(by.map(key => row[key])),
              {
                requests: Number(row.requests),
                inputTokens: Number(row.inputTokens),
                costMicros: Number(row.costMicros),
              },
            ]),
        );
        expect(found).toEqual(expected(entries, filter, by));
      }),
      { numRuns: 150 },
    );
  });

  it('count refusals by whole hours, once however often a batch of them is sent', async () => {
    const writer = randomUUID();
    const hour = new Date('2026-11-30T10:00:00Z');
    const refused = (reason: RefusalSum['reason'], count: number): RefusalSum => ({
      hour,
      subject: 'person-1',
      tier: 'tier-1',
      model: 'model-1',
      reason,
      count,
    });
    await refusals.add(writer, 1, [refused('requests', 3), refused('access', 1)]);
    await refusals.add(writer, 1, [refused('requests', 3), refused('access', 1)]);
    await refusals.add(writer, 2, [refused('requests', 4)]);
    await refusals.add(randomUUID(), 1, [refused('tokens', 5)]);
    const within = { from: new Date('2026-11-30T10:15:00Z'), to: new Date('2026-11-30T10:20:00Z') };
    for (const [filter, keys] of [
      [ALL, []],
      [{ ...ALL, subject: 'person-1' }, []],
      [within, []],
      [{ ...within, to: ALL.to }, []],
    ] as const) {
      expect(await sums.sums(filter, keys, 10, 0)).toMatchObject([
        { refusedRequests: 7n, refusedTokens: 5n, refusedCost: 0n, refusedConcurrency: 0n, refusedAccess: 1n },
      ]);
    }
    const byCredential = await sums.sums({ ...ALL, subject: 'person-1' }, ['credential'], 10, 0);
    expect(byCredential.every(row => row.refusedRequests === 0n && row.requests > 0n)).toBe(true);
  });
});
