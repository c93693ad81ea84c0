import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvironment } from '../../platform/config/index.js';
import { JournalFullError } from './journal.folder.js';
import type { OpenRecord } from './journal.group.js';
import { Journal } from './journal.js';
import { closing, openedEntry } from './ledger-entry.fixture.js';
import { SEGMENT_BYTES } from './preallocated.file.js';

const MAX_BYTES = 4 * SEGMENT_BYTES;

describe('Journal', () => {
  let folder: string;
  let journal: Journal;
  let made = 0;
  const start = (maxBytes = MAX_BYTES): Journal => {
    const started = new Journal(
      parseEnvironment({ MAAS_DATA_DIR: folder, LEDGER_JOURNAL_MAX_BYTES: String(maxBytes), LEDGER_SYNC_MS: '1' }),
    );
    started.recover();
    return started;
  };
  const files = (): string[] => readdirSync(join(folder, 'journal'));
  const open = (): OpenRecord => journal.open(openedEntry(`request-${made++}`));
  /** Opens requests until there is no room for another. */
  const openAll = (): OpenRecord[] => {
    const records: OpenRecord[] = [];
    try {
      for (;;) records.push(open());
    } catch (error) {
      if (!(error instanceof JournalFullError)) throw error;
    }
    return records;
  };
  /** Opens and closes requests until there is a new file. */
  const fillSegment = (): void => {
    for (const before = files().length; files().length === before;) journal.close(open(), closing);
  };
  /** Takes everything that waits, as Postgres would. @returns the ids */
  const takeAll = (from = journal): string[] => {
    const ids: string[] = [];
    for (let batch = from.oldest(500); batch !== undefined; batch = from.oldest(500)) {
      ids.push(...batch.entries.map(({ id }) => id));
      from.forget(batch);
    }
    return ids;
  };

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maas-journal-'));
    journal = start();
  });
  afterEach(async () => {
    await journal.onApplicationShutdown();
    rmSync(folder, { recursive: true });
  });

  it('deletes a segment when nothing of it counts any more, and not before', async () => {
    fillSegment();
    fillSegment();
    const batch = journal.oldest(500)!;
    await journal.sweep();
    expect(files()).toHaveLength(2);
    journal.forget(batch);
    await journal.sweep();
    expect(files()).toHaveLength(2);
    takeAll();
    await journal.sweep();
    expect(files()).toHaveLength(1);
  });

  it('carries forward what runs long, which closes once and outlives the process before and after', async () => {
    const long = open();
    for (let turn = 0; turn < 3; turn++) {
      fillSegment();
      takeAll();
      await journal.sweep();
      expect(files()).toHaveLength(1);
    }
    await journal.written();
    const replica = start();
    expect(takeAll(replica)).toContain(long.id);
    journal.close(long, closing);
    expect(takeAll()).toContain(long.id);
    await journal.onApplicationShutdown();
    expect(files()).toEqual([]);
  });

  it('leaves a segment where it is while much of it still runs', async () => {
    const running = Array.from({ length: 500 }, open);
    fillSegment();
    takeAll();
    await journal.sweep();
    expect(files()).toHaveLength(2);
    for (const record of running.slice(100)) journal.close(record, closing);
    takeAll();
    await journal.sweep();
    expect(files()).toHaveLength(1);
    for (const record of running.slice(0, 100)) journal.close(record, closing);
    expect(takeAll()).toHaveLength(100);
  });

  it('refuses another request when its bytes are used up, closes those that run, and recovers by itself', async () => {
    const running = openAll();
    expect(running.length).toBeGreaterThan(1000);
    expect(files().length * SEGMENT_BYTES).toBeLessThanOrEqual(MAX_BYTES);
    for (const record of running) journal.close(record, closing);
    expect(journal.waiting).toBe(running.length);
    await journal.written();
    expect(takeAll(start())).toHaveLength(running.length);
    expect(takeAll()).toHaveLength(running.length);
    await journal.sweep();
    expect(open()).toBeDefined();
  });

  it('recovers where something that runs long is in every one of its segments', async () => {
    const long: OpenRecord[] = [];
    const fill = (): void => {
      for (;;) {
        long.push(open());
        fillSegment();
      }
    };
    expect(fill).toThrow(JournalFullError);
    const ended = takeAll().length;
    await journal.sweep();
    expect(files().length).toBeLessThanOrEqual(2);
    expect(open()).toBeDefined();
    expect(ended).toBeGreaterThan(1000);
    for (const record of long) journal.close(record, closing);
    expect(takeAll()).toHaveLength(long.length);
  });

  it('refuses another request while the disk has no room for a segment, and closes those that run', async () => {
    const first = open();
    const running = [first];
    renameSync(join(folder, 'journal'), join(folder, 'away'));
    const more = openAll();
    running.push(...more);
    expect(more.length).toBeLessThan(2000);
    for (const record of running) journal.close(record, closing);
    expect(takeAll()).toHaveLength(running.length);
    renameSync(join(folder, 'away'), join(folder, 'journal'));
    await journal.written();
    expect(takeAll(start())).toHaveLength(running.length);
  });

  it('has an end for every request, whichever process it was that died', async () => {
    const ids = Array.from({ length: 50 }, () => open().id);
    journal.close(open(), closing);
    await journal.written();
    const second = start();
    expect(second.waiting).toBe(51);
    const third = start();
    expect(third.waiting).toBe(51);
    expect(takeAll(third)).toEqual(expect.arrayContaining(ids));
  });

  it('has nothing in its files of requests that the disk refused, and all entries of those that it refused to end', async () => {
    const first = open();
    await journal.written();
    const written = files().map(name => readFileSync(join(folder, 'journal', name)));
    // What the segment writes to takes nothing any more.
    const file = (first.segment as unknown as { file: { close(): void } }).file;
    file.close();
    const refused = open();
    journal.close(first, closing);
    await journal.written();
    expect(refused.refusal).toBeInstanceOf(Error);
    expect(first.refusal).toBeUndefined();
    expect(takeAll()).toEqual([first.id]);
    expect(files().map(name => readFileSync(join(folder, 'journal', name)))).toEqual(written);
  });

  it('is written within the turn of the event loop in which a request is opened', async () => {
    const { id } = open();
    const readBack = (): string => readFileSync(join(folder, 'journal', files()[0]!), 'utf8');
    await journal.written();
    expect(readBack()).toContain(id);
  });

  it('gives every request one entry with its own end, through any course of outages and deaths', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('open' as const), count: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ do: fc.constant('close' as const), count: fc.integer({ min: 1, max: 300 }) }),
      // Enough to go on to another segment.
      fc.record({ do: fc.constant('serve' as const), count: fc.integer({ min: 1, max: 1200 }) }),
      fc.record({ do: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 800 }) }),
      fc.record({ do: fc.constantFrom('sweep' as const, 'die' as const), count: fc.constant(0) }),
    );
    const course = async (steps: readonly { do: string; count: number }[]): Promise<void> => {
      rmSync(join(folder, 'journal'), { recursive: true });
      journal = start(1024 ** 3);
      const outcomes = new Map<string, string>();
      const postgres = new Map<string, string>();
      let running: OpenRecord[] = [];
      const close = (record: OpenRecord): void => {
        journal.close(record, closing);
        outcomes.set(record.id, 'completed');
      };
      const commit = (limit: number): boolean => {
        const batch = journal.oldest(limit);
        if (batch === undefined) return false;
        for (const { id, json } of batch.entries)
          if (!postgres.has(id)) postgres.set(id, (JSON.parse(String(json)) as { outcome: string }).outcome);
        journal.forget(batch);
        return true;
      };
      const die = async (): Promise<void> => {
        await journal.written();
        for (const { id } of running) outcomes.set(id, 'interrupted');
        running = [];
        journal = start(1024 ** 3);
      };
      for (const { do: what, count } of steps) {
        if (what === 'open') for (let n = 0; n < count; n++) running.push(open());
        if (what === 'close') running.splice(count % 7, count).forEach(close);
        if (what === 'serve') for (let n = 0; n < count; n++) close(open());
        if (what === 'commit') while (commit(count));
        if (what === 'sweep') await journal.sweep();
        if (what === 'die') await die();
      }
      await die();
      while (commit(500)) await journal.sweep();
      expect(postgres).toEqual(outcomes);
      await journal.sweep();
      expect(files()).toEqual([]);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), steps => course(steps)),
      { numRuns: 40 },
    );
  });
});
