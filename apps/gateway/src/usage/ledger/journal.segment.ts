import { Slots, type Slotted } from '../../platform/collections/index.js';
import { decodeClosed, writeLine } from './journal.record.js';
import type { WrittenEntry } from './ledger-entry.js';
import { PreallocatedFile } from './preallocated.file.js';

export const SEGMENT_BYTES = 1024 * 1024;

const ZEROS = Buffer.alloc(SEGMENT_BYTES);
/** Where a record is put together; no larger one has room in a segment. */
const line = Buffer.allocUnsafe(SEGMENT_BYTES);
/** About 10 MB. What waits beyond it stays in the files alone until its turn comes. */
const MAX_IN_MEMORY = 10_000;

/** Closed entries that Postgres does not have, in all segments of a journal. */
export interface Tally {
  waiting: number;
  inMemory: number;
}

/** A record without which its segment may not go: a request that runs, or an entry that Postgres refuses. */
export interface KeptRecord extends Slotted {
  readonly id: string;
  readonly json: string;
  /** What it takes of a segment. */
  readonly bytes: number;
  /** What is set aside for the record that is to follow it, in its own segment. */
  readonly promisedBytes: number;
  /** Where it stands; another one once it was carried forward. */
  segment: JournalSegment;
}

/** What a record takes of a segment, with what it promises. */
export const roomOf = ({ bytes, promisedBytes }: Pick<KeptRecord, 'bytes' | 'promisedBytes'>): number =>
  bytes + promisedBytes;

/** One file of the journal, with what of it still counts: what is kept, and what Postgres does not have. */
export class JournalSegment {
  private readonly records = new Slots<KeptRecord>();
  private readonly held: WrittenEntry[] = [];
  /** Entries that are not in memory: they stand in the file, from a position on. */
  private unread: { from: number; count: number } | undefined;
  private promisedBytes = 0;

  private constructor(
    private readonly file: PreallocatedFile,
    private readonly tally: Tally,
  ) {}

  /** @throws where the disk has no room for a segment */
  static begin(path: string, tally: Tally): JournalSegment {
    return new JournalSegment(PreallocatedFile.create(path, ZEROS), tally);
  }

  /** What an earlier process left. */
  static left(path: string, tally: Tally): JournalSegment {
    return new JournalSegment(PreallocatedFile.left(path), tally);
  }

  get writable(): boolean {
    return this.file.writable;
  }

  /** Bytes that are neither written nor set aside. */
  get freeBytes(): number {
    return SEGMENT_BYTES - this.file.position - this.promisedBytes;
  }

  /** How many closed entries Postgres does not have. */
  get waiting(): number {
    return this.held.length + (this.unread?.count ?? 0);
  }

  /** How many records keep it. */
  get keptCount(): number {
    return this.records.size;
  }

  kept(): KeptRecord[] {
    return this.records.all();
  }

  /** Writes the record and sets aside what it promises. @throws where it cannot be written */
  keep(record: KeptRecord): void {
    this.append(record.json);
    this.adopt(record);
  }

  /** The same for a record of another segment, which is kept by it no longer. */
  takeOver(record: KeptRecord, from: JournalSegment): void {
    this.append(record.json);
    from.drop(record);
    this.adopt(record);
  }

  /** Keeps a record that is in the file already. */
  adopt(record: KeptRecord): void {
    record.segment = this;
    this.records.add(record);
    this.promisedBytes += record.promisedBytes;
  }

  /** The record keeps this segment no longer, and what was set aside for it is free. */
  drop(record: KeptRecord): void {
    if (this.records.delete(record)) this.promisedBytes -= record.promisedBytes;
  }

  /**
   * Writes what the record's request came to, in place of what was set aside. Where too many entries are in memory, this
   * one is read from the file again when its turn comes.
   * @throws where it cannot be written
   */
  close(record: KeptRecord, entry: WrittenEntry): void {
    this.drop(record);
    const from = this.file.position;
    this.append(entry.json);
    if (this.unread === undefined && this.tally.inMemory < MAX_IN_MEMORY) return this.hold(entry);
    this.unread ??= { from, count: 0 };
    this.unread.count++;
    this.tally.waiting++;
  }

  hold(entry: WrittenEntry): void {
    this.held.push(entry);
    this.tally.inMemory++;
    this.tally.waiting++;
  }

  /** Counts entries of the file that are not in memory. */
  leaveUnread(count: number): void {
    this.unread = { from: 0, count };
    this.tally.waiting += count;
  }

  /**
   * The entries that have waited longest, read again where they are not in memory.
   * @throws where the file cannot be read
   */
  oldest(limit: number): WrittenEntry[] {
    if (this.held.length === 0 && this.unread !== undefined) {
      const closed = decodeClosed(this.contents(this.unread.from));
      this.tally.waiting -= this.unread.count;
      this.unread = undefined;
      // What Postgres refuses is kept already, and may have been carried to here.
      for (const { id } of this.records.all()) closed.delete(id);
      for (const entry of closed.values()) this.hold(entry);
    }
    return this.held.slice(0, limit);
  }

  /** The `count` oldest wait no longer. */
  forget(count: number): void {
    this.held.splice(0, count);
    this.tally.inMemory -= count;
    this.tally.waiting -= count;
  }

  contents(position = 0): Buffer {
    return this.file.contents(position);
  }

  /** Resolves when what was written before the call outlives a power cut too. */
  sync(): Promise<void> {
    return this.file.sync();
  }

  /** Lets go of the file. Not while {@link sync} runs, nor while something may be written to it. */
  release(): void {
    this.file.close();
  }

  remove(): void {
    this.file.remove();
  }

  private append(json: string): void {
    this.file.append(line, writeLine(line, json));
  }
}
