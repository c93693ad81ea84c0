import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../platform/folders/index.js';
import { JournalSegment, type Tally } from './journal.segment.js';

const NAME = /^ledger-\d{16}\.log$/;
const ASK_DISK_AGAIN_MS = 1000;

/** There is no room for another request; the running ones have theirs. */
export class JournalFullError extends Error {
  override readonly name = 'JournalFullError';
}

/** Where segments are found and made; their names tell their order. */
export class JournalFolder {
  readonly tally: Tally = { waiting: 0 };
  private next = 0;
  private askDiskAtMs = 0;

  constructor(private readonly path: string) {}

  /** What earlier processes left, the oldest first, with the time of the last write in milliseconds since the epoch. */
  left(): { segment: JournalSegment; writtenAtMs: number }[] {
    makeFolder(this.path, 0o700);
    const names = readdirSync(this.path)
      .filter(name => NAME.test(name))
      .sort();
    const last = names.at(-1);
    if (last !== undefined) this.next = Number(last.slice(7, 23)) + 1;
    return names.map(name => {
      const path = join(this.path, name);
      return { segment: JournalSegment.left(path, this.tally), writtenAtMs: statSync(path).mtimeMs };
    });
  }

  /** @throws JournalFullError where the disk has no room for another segment, or had none a moment ago */
  begin(): JournalSegment {
    // To fill a part of a segment only to find that there is no room is too much to do for each request.
    if (performance.now() < this.askDiskAtMs) throw new JournalFullError('the disk has no room for a segment');
    try {
      const name = `ledger-${String(this.next).padStart(16, '0')}.log`;
      const segment = JournalSegment.begin(join(this.path, name), this.tally);
      this.next++;
      return segment;
    } catch (error) {
      this.askDiskAtMs = performance.now() + ASK_DISK_AGAIN_MS;
      throw new JournalFullError('the disk has no room for a segment', { cause: error });
    }
  }
}
