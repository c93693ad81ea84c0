import { Logger } from '@nestjs/common';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvironment } from '../../platform/config/index.js';
import type { DatabaseService } from '../../platform/database/index.js';
import { Journal } from './journal.js';
import type { WrittenEntry } from './ledger-entry.js';
import { closing, openedEntry } from './ledger-entry.fixture.js';
import type { LedgerStore } from './ledger.store.js';
import { LedgerWriter } from './ledger.writer.js';

/** A database that takes what `refuses` lets through, and answers unless it is `down`. */
class TestDatabase {
  readonly batches: string[][] = [];
  down = false;

  constructor(public refuses: (id: string) => boolean = () => false) {}

  get ids(): string[] {
    return this.batches.flat();
  }

  insert(batch: readonly WrittenEntry[]): Promise<void> {
    const ids = batch.map(({ id }) => id);
    if (this.down || ids.some(this.refuses)) return Promise.reject(new Error('not now'));
    this.batches.push(ids);
    return Promise.resolve();
  }

  isReachable(): Promise<boolean> {
    return Promise.resolve(!this.down);
  }
}

describe('LedgerWriter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maas-journal-'));
  const journalFolder = join(folder, 'journal');
  const running: { writer: LedgerWriter; journal: Journal }[] = [];
  const writerOver = async (database: TestDatabase): Promise<LedgerWriter> => {
    const journal = new Journal(parseEnvironment({ MAAS_DATA_DIR: folder }));
    const writer = new LedgerWriter(
      database as unknown as LedgerStore,
      journal,
      database as unknown as DatabaseService,
    );
    await writer.onModuleInit();
    running.push({ writer, journal });
    return writer;
  };
  const serve = async (writer: LedgerWriter, ...ids: string[]): Promise<void> => {
    const records = await Promise.all(ids.map(id => writer.open(openedEntry(id))));
    await Promise.all(records.map(record => writer.close(record!, closing)));
  };
  const stop = async (): Promise<void> => {
    for (const { writer, journal } of running.splice(0)) {
      await writer.beforeApplicationShutdown();
      await journal.onApplicationShutdown();
    }
  };

  beforeAll(() => Logger.overrideLogger(false));
  afterEach(async () => {
    await stop();
    rmSync(journalFolder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes up what a process left that was killed before Postgres had it', async () => {
    const first = new TestDatabase();
    first.down = true;
    const killed = await writerOver(first);
    await serve(killed, 'a', 'b');
    await killed.open(openedEntry('open'));
    expect(readdirSync(journalFolder)).toHaveLength(1);
    const second = new TestDatabase();
    await writerOver(second);
    expect(second.ids.sort()).toEqual(['a', 'b', 'open']);
    expect(readdirSync(journalFolder)).toEqual([]);
    first.down = false;
  });

  it('writes what was closed before a flush, in order and in batches', async () => {
    const database = new TestDatabase();
    const writer = await writerOver(database);
    const ids = Array.from({ length: 700 }, (_, index) => `entry-${index}`);
    await serve(writer, ...ids);
    expect(await writer.flush()).toBe(true);
    expect(database.ids).toEqual(ids);
    expect(database.batches.map(batch => batch.length)).toEqual([500, 200]);
  });

  it('leaves nothing in the journal when it is stopped', async () => {
    const database = new TestDatabase();
    const writer = await writerOver(database);
    await serve(writer, 'a');
    expect(readdirSync(journalFolder)).toHaveLength(1);
    await stop();
    expect(database.ids).toEqual(['a']);
    expect(readdirSync(journalFolder)).toEqual([]);
  });

  it('keeps what Postgres did not take, and writes it when it does', async () => {
    const database = new TestDatabase();
    const writer = await writerOver(database);
    database.down = true;
    await serve(writer, 'a');
    expect(await writer.flush()).toBe(false);
    await serve(writer, 'b');
    database.down = false;
    expect(await writer.flush()).toBe(true);
    expect(database.ids).toEqual(['a', 'b']);
  });

  it('writes each entry once where an outage leaves more than the memory may hold', async () => {
    const database = new TestDatabase();
    const writer = await writerOver(database);
    database.down = true;
    const ids = Array.from({ length: 12_345 }, (_, index) => `entry-${index}`);
    await serve(writer, ...ids);
    expect(await writer.flush()).toBe(false);
    database.down = false;
    expect(await writer.flush()).toBe(true);
    expect(database.ids).toHaveLength(ids.length);
    expect(new Set(database.ids)).toEqual(new Set(ids));
    await stop();
    expect(readdirSync(journalFolder)).toEqual([]);
  });

  it('takes no entry for one that Postgres refuses because a connection was lost once', async () => {
    const database = new TestDatabase(() => true);
    const writer = await writerOver(database);
    await serve(writer, 'a');
    expect(await writer.flush()).toBe(false);
    database.refuses = () => false;
    expect(await writer.flush()).toBe(true);
    expect(database.ids).toEqual(['a']);
  });

  it('does not let entries that Postgres never takes hold up the others, nor lose them', async () => {
    const database = new TestDatabase(id => id.startsWith('bad'));
    const writer = await writerOver(database);
    await serve(writer, 'a', 'bad-1', 'b', 'c', 'bad-2', 'd');
    while (!(await writer.flush()));
    expect(database.ids.sort()).toEqual(['a', 'b', 'c', 'd']);
    await stop();
    expect(readdirSync(journalFolder)).toHaveLength(1);
    const mended = new TestDatabase();
    await writerOver(mended);
    expect(mended.ids).toEqual(expect.arrayContaining(['bad-1', 'bad-2']));
  });
});
