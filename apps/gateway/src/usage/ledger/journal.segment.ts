import { Slots, type Slotted } from '../../platform/collections/index.js';
import { closedEntryAt, lineBytes, writeLine } from './journal.record.js';
import type { WrittenEntry } from './ledger-entry.js';
import { PreallocatedFile, SEGMENT_BYTES } from './preallocated.file.js';

/** Where entries are read again, for the moment: half a megabyte a batch would keep the collector busy. */
const readHere = Buffer.allocUnsafe(SEGMENT_BYTES);

/** Closed entries that Postgres does not have, in all segments of a journal. */
export interface Tally {
  waiting: number;
}

/** Some of a segment's closed entries that Postgres does not have. */
export interface Waiting {
  readonly entries: WrittenEntry[];
  /** Whether they stand in the file, as nearly all do; else the disk did not take them. */
  readonly inFile: boolean;
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
  /**
   * Where the closed entries begin that Postgres does not have, in order. They are read again when their turn comes: what
   * lives for so long in the heap costs the collector more than the reading.
   */
  private closedAt: number[] = [];
  /** Closed entries that no file has. */
  private readonly held: WrittenEntry[] = [];
  /** What is about to be written. */
  private announcedBytes = 0;
  private promisedBytes = 0;

  private constructor(
    private readonly file: PreallocatedFile,
    private readonly tally: Tally,
  ) {}

  /** @throws where the disk has no room for a segment */
  static begin(path: string, tally: Tally): JournalSegment {
    return new JournalSegment(PreallocatedFile.create(path), tally);
  }

  /** What an earlier process left. */
  static left(path: string, tally: Tally): JournalSegment {
    return new JournalSegment(PreallocatedFile.left(path), tally);
  }

  get writable(): boolean {
    return this.file.writable;
  }

  /** Bytes that are neither written, nor about to be, nor set aside. */
  get freeBytes(): number {
    return SEGMENT_BYTES - this.file.position - this.announcedBytes - this.promisedBytes;
  }

  /** How many closed entries Postgres does not have. */
  get waiting(): number {
    return this.held.length + this.closedAt.length;
  }

  /** How many records keep it. */
  get keptCount(): number {
    return this.records.size;
  }

  kept(): KeptRecord[] {
    return this.records.all();
  }

  /** From now on keeps a record that is in the file, or is about to be, and sets aside what it promises. */
  adopt(record: KeptRecord): void {
    record.segment = this;
    this.records.add(record);
    this.promisedBytes += record.promisedBytes;
  }

  /** The record keeps this segment no longer, and what was set aside for it is free. */
  drop(record: KeptRecord): void {
    if (this.records.delete(record)) this.promisedBytes -= record.promisedBytes;
  }

  /** Keeps a record of another segment, which is kept by it no longer. @throws where it cannot be written */
  takeOver(record: KeptRecord, from: JournalSegment): void {
    const line = Buffer.allocUnsafe(lineBytes(record.json));
    this.append(line, writeLine(line, 0, record.json));
    from.drop(record);
    this.adopt(record);
  }

  /** So many bytes are about to be appended. */
  announce(bytes: number): void {
    this.announcedBytes = bytes;
  }

  /**
   * Writes whole lines, and with them all that was announced.
   * @returns where they begin
   * @throws where they cannot be written; nothing of them counts then
   */
  append(lines: Buffer, bytes: number): number {
    this.announcedBytes = 0;
    const { position } = this.file;
    this.file.append(lines, bytes);
    return position;
  }

  /** A closed entry stands at the position, and after those that wait already. */
  await(position: number): void {
    this.closedAt.push(position);
    this.tally.waiting++;
  }

  /** A closed entry stands nowhere but here. */
  hold(entry: WrittenEntry): void {
    this.held.push(entry);
    this.tally.waiting++;
  }

  /**
   * The entries that have waited longest. What turns out to be damaged waits no longer.
   * @throws where the file cannot be read
   */
  oldest(limit: number): Waiting {
    if (this.held.length > 0) return { entries: this.held.slice(0, limit), inFile: false };
    const positions = this.closedAt.slice(0, limit);
    const [from = 0] = positions;
    const bytes = this.file.contents(readHere, from, this.closedAt[limit]);
    const read = positions.map(position => closedEntryAt(bytes, position - from));
    const entries = read.filter(entry => entry !== undefined);
    this.tally.waiting -= read.length - entries.length;
    if (entries.length < read.length)
      this.closedAt = this.closedAt.filter((_, index) => index >= limit || read[index] !== undefined);
    return { entries, inFile: true };
  }

  /** What {@link oldest} told waits no longer. */
  forget({ entries, inFile }: Waiting): void {
    (inFile ? this.closedAt : this.held).splice(0, entries.length);
    this.tally.waiting -= entries.length;
  }

  contents(): Buffer {
    return this.file.contents();
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
}
