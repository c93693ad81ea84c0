import { Logger } from '@nestjs/common';
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
  beforeAll(() => Logger.overrideLogger(false));

  it('writes what was appended before a flush, in order and in batches', async () => {
    const { batches, store } = storeThat(() => false);
    const writer = new LedgerWriter(store);
    const ids = Array.from({ length: 1200 }, (_, index) => `entry-${index}`);
    ids.forEach(id => writer.append(entry(id)));
    expect(await writer.flush()).toBe(true);
    expect(batches.flat()).toEqual(ids);
    expect(batches.map(batch => batch.length)).toEqual([500, 500, 200]);
  });

  it('keeps what Postgres did not take, and writes it when it does', async () => {
    let down = true;
    const { batches, store } = storeThat(() => down);
    const writer = new LedgerWriter(store);
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
    const writer = new LedgerWriter(store);
    for (const id of ['a', 'bad', 'b', 'c', 'd']) writer.append(entry(id));
    for (let attempt = 0; attempt < 20; attempt++) await writer.flush();
    expect(batches.flat().sort()).toEqual(['a', 'b', 'c', 'd']);
    mended = true;
    await writer.beforeApplicationShutdown();
    expect(batches.flat().sort()).toEqual(['a', 'b', 'bad', 'c', 'd']);
  });
});
