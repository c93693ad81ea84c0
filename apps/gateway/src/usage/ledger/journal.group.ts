import type { JournalSegment, KeptRecord } from './journal.segment.js';
import { writeLine } from './journal.record.js';
import type { EndedEntry } from './ledger-entry.js';
import { SEGMENT_BYTES } from './preallocated.file.js';

/** A request that is in the journal, or about to be, and not at its end. */
export interface OpenRecord extends KeptRecord {
  readonly startedAt: Date;
  /** Why it could not be written down; nothing else of it is in the journal then. */
  refusal: Error | undefined;
}

interface Line {
  /** Bytes from the beginning of the group. */
  readonly at: number;
  readonly record: OpenRecord;
  /** The request's end; nothing where it begins. */
  readonly entry: EndedEntry | undefined;
}

/**
 * The records of one turn of the event loop, which are written together: a write takes 3 us, however much it writes, and
 * a request has two records. All of them are of one segment; where another one's turn comes, they are written first.
 */
export class JournalGroup {
  private readonly buffer = Buffer.allocUnsafe(SEGMENT_BYTES);
  private bytes = 0;
  private segment: JournalSegment | undefined;
  private lines: Line[] = [];
  private ends = 0;
  private turn: Promise<void> | undefined;

  constructor(
    private readonly wrote: (segment: JournalSegment) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** How many requests have their end in it. */
  get closings(): number {
    return this.ends;
  }

  /** @throws RangeError where no segment has room for it */
  begin(record: OpenRecord): void {
    this.add(record, undefined, record.json);
  }

  end(record: OpenRecord, entry: EndedEntry): void {
    this.add(record, entry, entry.json);
    this.ends++;
  }

  /** Resolves when everything that was added before the call is written, or known to be refused. Never rejects. */
  written(): Promise<void> {
    return this.turn ?? Promise.resolve();
  }

  /** Writes at once what is to be written. */
  write(): void {
    const { segment, lines } = this;
    if (segment === undefined || lines.length === 0) return;
    this.lines = [];
    this.ends = 0;
    try {
      const from = segment.append(this.buffer, this.bytes);
      for (const { at, entry } of lines) if (entry !== undefined) segment.await(from + at);
      this.wrote(segment);
    } catch (error) {
      for (const { record, entry } of lines) refuse(segment, record, entry, error);
      this.failed(error);
    } finally {
      this.bytes = 0;
    }
  }

  private add(record: OpenRecord, entry: EndedEntry | undefined, json: string): void {
    const { segment } = record;
    if (segment !== this.segment) this.write();
    this.segment = segment;
    const at = this.bytes;
    this.bytes += writeLine(this.buffer, at, json);
    segment.announce(this.bytes);
    this.lines.push({ at, record, entry });
    this.turn ??= new Promise(resolve => setImmediate(() => this.endTurn(resolve)));
  }

  private endTurn(resolve: () => void): void {
    this.turn = undefined;
    this.write();
    resolve();
  }
}

/** A disk that fails must not break an answer that was served: its entry is then held in memory alone. */
function refuse(segment: JournalSegment, record: OpenRecord, entry: EndedEntry | undefined, error: unknown): void {
  if (entry !== undefined) return segment.hold(entry);
  segment.drop(record);
  record.refusal = new Error('the journal cannot be written', { cause: error });
}
