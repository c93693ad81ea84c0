import { decodeRecords, lineBytes, lineOf } from './journal.record.js';
import type { LedgerEntry } from './ledger-entry.js';
import { PreallocatedFile } from './preallocated.file.js';

export const SEGMENT_BYTES = 1024 * 1024;

const ZEROS = Buffer.alloc(SEGMENT_BYTES);

/** A record without which its segment may not go: a request that runs, or an entry that Postgres refuses. */
export interface KeptRecord {
  readonly id: string;
  readonly json: string;
  /** What is set aside for the record that is to follow it, in its own segment. */
  readonly promisedBytes: number;
  /** Where it stands; another one once it was carried forward. */
  segment: JournalSegment;
}

/** What a record takes of a segment, with what it promises. */
export const roomOf = ({ json, promisedBytes }: Pick<KeptRecord, 'json' | 'promisedBytes'>): number =>
  lineBytes(json) + promisedBytes;

/** One file of the journal, with what of it still counts: what is kept, and what Postgres does not have. */
export class JournalSegment {
  private readonly records = new Set<KeptRecord>();
  private readonly held: LedgerEntry[] = [];
  /** Entries that are not in memory: they stand in the file, from a position on. */
  private unread: { from: number; count: number } | undefined;
  private promisedBytes = 0;

  private constructor(private readonly file: PreallocatedFile) {}

  /** @throws where the disk has no room for a segment */
  static begin(path: string): JournalSegment {
    return new JournalSegment(PreallocatedFile.create(path, ZEROS));
  }

  /** What an earlier process left. */
  static left(path: string): JournalSegment {
    return new JournalSegment(PreallocatedFile.left(path));
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

  /** How many of them are in memory. */
  get inMemory(): number {
    return this.held.length;
  }

  get kept(): ReadonlySet<KeptRecord> {
    return this.records;
  }

  /** Writes the record and sets aside what it promises. @throws where it cannot be written */
  keep(record: KeptRecord): void {
    this.append(record.json);
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
   * Writes what the record's request came to, in place of what was set aside.
   * @param inMemory whether the entry may be held; it is read from the file again where not
   * @throws where it cannot be written
   */
  close(record: KeptRecord, json: string, entry: LedgerEntry, inMemory: boolean): void {
    this.drop(record);
    const from = this.file.position;
    this.append(json);
    if (this.unread !== undefined) this.unread.count++;
    else if (inMemory) this.hold(entry);
    else this.unread = { from, count: 1 };
  }

  hold(entry: LedgerEntry): void {
    this.held.push(entry);
  }

  /** Counts entries of the file that are not in memory. */
  leaveUnread(count: number): void {
    this.unread = { from: 0, count };
  }

  /**
   * The entries that have waited longest, read again where they are not in memory.
   * @throws where the file cannot be read
   */
  oldest(limit: number): LedgerEntry[] {
    if (this.held.length === 0 && this.unread !== undefined) {
      const { closed } = decodeRecords(this.contents(this.unread.from));
      this.unread = undefined;
      // What Postgres refuses is kept already, and may have been carried to here.
      for (const { id } of this.records) closed.delete(id);
      this.held.push(...closed.values());
    }
    return this.held.slice(0, limit);
  }

  /** The `count` oldest wait no longer. */
  forget(count: number): void {
    this.held.splice(0, count);
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
    this.file.append(lineOf(json), lineBytes(json));
  }
}
