import { Logger } from '@nestjs/common';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvironment } from '../../platform/config/index.js';
import { Journal } from './journal.js';
import type { LedgerEntry } from './ledger-entry.js';
import type { LedgerStore } from './ledger.store.js';
import { LedgerWriter } from './ledger.writer.js';

const entry = (id: string) => ({ id }) as LedgerEntry;

/** A store that takes what `refuses` lets through. */
function storeThat(refuses: (batch: readonly LedgerEntry[]) => boolean) {
  const batches: string[][] = [];
  const insert = async (batch: readonly LedgerEntry[]) => {
    if (refuses(batch)) throw new Error('not now');
    batches.push(batch.map(({ id }) => id));
  };
  return { batches, store: { insert } as unknown as LedgerStore };
}

describe('LedgerWriter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maas-journal-'));
  const journalFolder = join(folder, 'journal');
  const writerOver = async (store: LedgerStore): Promise<LedgerWriter> => {
    const writer = new LedgerWriter(store, new Journal(parseEnvironment({ MAAS_DATA_DIR: folder })));
    await writer.onModuleInit();
    return writer;
  };

  beforeAll(() => Logger.overrideLogger(false));
  afterEach(() => rmSync(journalFolder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes up what a process left that was killed before Postgres had it', async () => {
    const first = storeThat(() => true);
    const killed = await writerOver(first.store);
    killed.append(entry('a'));
    killed.append(entry('b'));
    expect(readdirSync(journalFolder)).toHaveLength(1);
    const second = storeThat(() => false);
    await writerOver(second.store);
    expect(second.batches.flat()).toEqual(['a', 'b']);
    expect(readdirSync(journalFolder)).toEqual([]);
    await killed.beforeApplicationShutdown();
  });

  it('writes what was appended before a flush, in order and in batches', async () => {
    const { batches, store } = storeThat(() => false);
    const writer = await writerOver(store);
    const ids = Array.from({ length: 1200 }, (_, index) => `entry-${index}`);
    ids.forEach(id => writer.append(entry(id)));
    expect(await writer.flush()).toBe(true);
    expect(batches.flat()).toEqual(ids);
    expect(batches.map(batch => batch.length)).toEqual([500, 500, 200]);
  });

  it('keeps what Postgres did not take, and writes it when it does', async () => {
    let down = true;
    const { batches, store } = storeThat(() => down);
    const writer = await writerOver(store);
    writer.append(entry('a'));
    expect(await writer.flush()).toBe(false);
    writer.append(entry('b'));
    down = false;
    while (!(await writer.flush()));
    expect(batches.flat().sort()).toEqual(['a', 'b']);
    await writer.beforeApplicationShutdown();
  });

  it('does not let an entry that Postgres never takes hold up the others', async () => {
    let mended = false;
    const { batches, store } = storeThat(batch => !mended && batch.some(({ id }) => id === 'bad'));
    const writer = await writerOver(store);
    for (const id of ['a', 'bad', 'b', 'c', 'd']) writer.append(entry(id));
    for (let attempt = 0; attempt < 20; attempt++) await writer.flush();
    expect(batches.flat().sort()).toEqual(['a', 'b', 'c', 'd']);
    mended = true;
    await writer.beforeApplicationShutdown();
    expect(batches.flat().sort()).toEqual(['a', 'b', 'bad', 'c', 'd']);
  });
});
