import { join, resolve } from 'node:path';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../../platform/config/index.js';
import { journalBytes, journalErrorsTotal } from '../../platform/telemetry/index.js';
import { JournalFolder, JournalFullError } from './journal.folder.js';
import { JournalGroup, type OpenRecord } from './journal.group.js';
import { closedJson, closedLineMaxBytes, lineBytes, openedJson } from './journal.record.js';
import { JournalReplay } from './journal.replay.js';
import { JournalSegment, type KeptRecord, roomOf, type Waiting } from './journal.segment.js';
import { JournalSyncer } from './journal.syncer.js';
import type { Closing, EndedEntry, OpenedEntry } from './ledger-entry.js';
import { SEGMENT_BYTES } from './preallocated.file.js';

/** Records that fill more of their segment than this are not worth carrying forward. */
const CARRIED_BYTES = SEGMENT_BYTES / 4;

/** Some of the closed entries that Postgres does not have, all of one segment. */
export interface Batch extends Waiting {
  readonly segment: JournalSegment;
}

/**
 * Keeps entries across the death of the process, in segments of a fixed size. Each request is written down before it
 * goes upstream and again before its answer ends; a segment goes when Postgres has all of it.
 */
@Injectable()
export class Journal implements OnApplicationShutdown {
  private readonly logger = new Logger(Journal.name);
  private readonly folder: JournalFolder;
  private readonly maxSegments: number;
  private readonly syncer: JournalSyncer;
  private readonly group: JournalGroup;
  /** The oldest first. */
  private readonly segments = new Set<JournalSegment>();
  private current: JournalSegment | undefined;

  constructor(@Inject(ENVIRONMENT) environment: Environment) {
    this.folder = new JournalFolder(join(resolve(environment.MAAS_DATA_DIR), 'journal'));
    this.maxSegments = Math.floor(environment.LEDGER_JOURNAL_MAX_BYTES / SEGMENT_BYTES);
    this.syncer = new JournalSyncer(environment.LEDGER_SYNC_MS);
    this.group = new JournalGroup(
      segment => this.syncer.touch(segment),
      error => this.failed('write', 'the journal cannot be written; what has ended is held in memory alone', error),
    );
  }

  /** How many closed entries Postgres does not have. */
  get waiting(): number {
    return this.folder.tally.waiting + this.group.closings;
  }

  /** Takes up what earlier processes left. @returns how many of the waiting entries had no end and were given one */
  recover(): number {
    const replay = new JournalReplay<JournalSegment>();
    let lastWrittenMs = 0;
    for (const { segment, writtenAtMs } of this.folder.left()) {
      this.segments.add(segment);
      lastWrittenMs = Math.max(lastWrittenMs, writtenAtMs);
      for (const position of replay.add(segment, segment.contents())) segment.await(position);
    }
    const interrupted = replay.interrupted(new Date(lastWrittenMs));
    for (const { segment, entry } of interrupted) segment.hold(entry);
    this.measure();
    return interrupted.length;
  }

  /**
   * Sets aside the room for the request and its end. It is in the journal when {@link written} resolves, unless it has a
   * refusal then.
   * @throws JournalFullError where there is no room for both; RangeError where no segment has
   */
  open(opened: OpenedEntry): OpenRecord {
    const json = openedJson(opened);
    const bytes = lineBytes(json);
    const promisedBytes = closedLineMaxBytes(bytes);
    // One segment is left for what is carried forward, without which a full journal could not become empty again.
    const segment = this.segmentFor(roomOf({ bytes, promisedBytes }), this.maxSegments - 1);
    const { id, startedAt } = opened;
    const record: OpenRecord = { id, startedAt, json, bytes, promisedBytes, segment, slot: 0, refusal: undefined };
    this.group.begin(record);
    segment.adopt(record);
    return record;
  }

  /** Writes down what the request came to, which outlives the process when {@link written} resolves. */
  close(record: OpenRecord, closing: Closing): void {
    const { id, startedAt, segment } = record;
    segment.drop(record);
    this.group.end(record, { id, startedAt, json: closedJson(record.json, closing) });
  }

  /**
   * Resolves when all that was opened and closed before the call is written, within this turn of the event loop. A disk
   * that fails must not break answers that were served: their entries are then held in memory alone, and loudly so.
   */
  written(): Promise<void> {
    return this.group.written();
  }

  /** @returns what has waited longest, `limit` entries at most; nothing where nothing can be read either */
  oldest(limit: number): Batch | undefined {
    this.group.write();
    for (const segment of this.segments) {
      if (segment.waiting === 0) continue;
      const waiting = this.oldestOf(segment, limit);
      if (waiting !== undefined && waiting.entries.length > 0) return { segment, ...waiting };
    }
    return undefined;
  }

  /** The batch waits no longer. */
  forget(batch: Batch): void {
    batch.segment.forget(batch);
  }

  /** The only entry of the batch waits no longer, but stays in the journal until it is dropped. */
  setAside(batch: Batch, entry: EndedEntry): KeptRecord {
    const { segment } = batch;
    const { id, json } = entry;
    const record = { id, json, bytes: lineBytes(json), promisedBytes: 0, segment, slot: 0 };
    segment.adopt(record);
    this.forget(batch);
    return record;
  }

  /** Deletes segments of which nothing counts any more. What little keeps an otherwise finished one is carried forward. */
  async sweep(): Promise<void> {
    this.group.write();
    for (const segment of this.segments) if (segment !== this.current && segment.waiting === 0) this.carry(segment);
    const quiet = [...this.segments].filter(segment => segment !== this.current && segment.keptCount === 0);
    if (!quiet.some(segment => segment.writable || segment.waiting === 0)) return;
    // What was carried forward must outlive a power cut before that goes which it was carried from.
    await this.syncer.sync();
    for (const segment of quiet) {
      segment.release();
      if (segment.waiting === 0) this.remove(segment);
    }
    this.measure();
  }

  /** What is finished goes, the current segment too; what is not stays for the next start. */
  async onApplicationShutdown(): Promise<void> {
    this.syncer.end();
    this.group.write();
    this.current = undefined;
    await this.syncer.sync();
    for (const segment of this.segments) if (segment.keptCount === 0 && segment.waiting === 0) this.remove(segment);
    this.measure();
  }

  private oldestOf(segment: JournalSegment, limit: number): Waiting | undefined {
    const { waiting } = segment;
    try {
      const oldest = segment.oldest(limit);
      if (segment.waiting < waiting)
        this.failed('read', `${waiting - segment.waiting} ledger entries are damaged, and lost`);
      return oldest;
    } catch (error) {
      this.failed('read', 'a segment of the journal cannot be read; its entries stay there', error);
      return undefined;
    }
  }

  private carry(segment: JournalSegment): void {
    let bytes = 0;
    const kept = segment.kept();
    for (const record of kept) if ((bytes += roomOf(record)) > CARRIED_BYTES) return;
    try {
      for (const record of kept) {
        const target = this.segmentFor(roomOf(record), this.maxSegments);
        target.takeOver(record, segment);
        this.syncer.touch(target);
      }
    } catch (error) {
      if (error instanceof JournalFullError) return;
      this.failed('write', 'the journal cannot be written; what runs long stays where it is', error);
    }
  }

  private segmentFor(bytes: number, maxSegments: number): JournalSegment {
    if (this.current !== undefined && this.current.freeBytes >= bytes) return this.current;
    if (this.segments.size >= maxSegments) throw new JournalFullError('LEDGER_JOURNAL_MAX_BYTES is used up');
    this.current = this.folder.begin();
    this.segments.add(this.current);
    this.measure();
    return this.current;
  }

  private remove(segment: JournalSegment): void {
    try {
      segment.remove();
      this.segments.delete(segment);
    } catch (error) {
      this.failed('delete', 'a segment of the journal cannot be deleted; its entries are in Postgres', error);
    }
  }

  private failed(operation: 'read' | 'write' | 'delete', message: string, error?: unknown): void {
    journalErrorsTotal.inc({ operation });
    this.logger.error({ err: error }, message);
  }

  private measure(): void {
    journalBytes.set(this.segments.size * SEGMENT_BYTES);
  }
}
