import type { Answer, AnswerMeasure, AnswerOutlet } from './answer.js';
import type { AnswerReader } from './answer.reader.js';
import type { HeaderList } from './hop-by-hop.headers.js';
import { LongRenaming } from './long.renaming.js';
import { malformedAnswer, type UpstreamFailure } from './upstream-failure.js';

/** An answer of up to this size is held until it is settled, so that its headers are exact. */
const HELD_BYTES = 256 * 1024;
/** Of a longer one the end is kept: there the usage stands. */
const TAIL_BYTES = 64 * 1024;

const USAGE = Buffer.from('"usage"');
const OPENING = Buffer.from('{');
const NO_BYTES = Buffer.alloc(0);
const NOTHING: AnswerMeasure = { usage: undefined, text: undefined };

/** Passes on an answer that is no stream of events. */
export class WholeAnswer implements Answer {
  private chunks: Buffer[] = [];
  private size = 0;
  /** Set while a long answer passes; absent where it is no JSON, or is the upstream's error. */
  private renaming: LongRenaming | undefined;
  private flowing = false;
  private readonly isJson: boolean;
  /** What is no JSON has no usage to be waited for: a voice should speak at once. */
  private readonly heldBytes: number;

  constructor(
    private readonly outlet: AnswerOutlet,
    private readonly headers: HeaderList,
    private readonly reader: AnswerReader,
    private readonly status: number,
    contentType: string,
  ) {
    this.isJson = contentType.includes('json');
    this.heldBytes = this.isJson || status >= 400 ? HELD_BYTES : 0;
  }

  data(chunk: Buffer): boolean {
    if (!this.flowing) {
      this.size += chunk.length;
      this.chunks.push(chunk);
      if (this.size <= this.heldBytes) return true;
      this.flowing = true;
      this.outlet.head(this.headers);
      const held = Buffer.concat(this.chunks);
      this.keep(held);
      if (this.isJson && this.status < 400) this.renaming = new LongRenaming(this.reader.model.asked);
      return this.outlet.write(this.named(held));
    }
    if (this.isJson) this.keep(Buffer.concat([...this.chunks, chunk]));
    return this.outlet.write(this.named(chunk));
  }

  end(): UpstreamFailure | undefined {
    if (this.flowing) {
      this.outlet.settle(this.measure(), 0, () => undefined);
      return undefined;
    }
    const [only = NO_BYTES] = this.chunks;
    let body = this.chunks.length < 2 ? only : Buffer.concat(this.chunks, this.size);
    let measure = NOTHING;
    if (this.status < 400 && this.isJson) {
      if (!this.reader.readWhole(body)) {
        const malformed = errorOfJson(body);
        if (malformed !== undefined) return malformedAnswer(malformed);
      }
      measure = { usage: this.reader.usage(), text: this.reader.text };
      body = this.reader.model.renamed(body);
    }
    this.outlet.settle(measure, body.length, () => this.outlet.whole(this.headers, body));
    return undefined;
  }

  breakOff(): void {
    // Half of an answer cannot be mended: the connection is cut, and the client sees that it was.
  }

  private named(piece: Buffer): Buffer {
    return this.renaming?.pass(piece) ?? piece;
  }

  private keep(seen: Buffer): void {
    this.chunks = [this.isJson ? seen.subarray(-TAIL_BYTES) : NO_BYTES];
  }

  /** Reads the usage out of the tail of a long answer: the last member of that name that is whole. */
  measure(): AnswerMeasure {
    if (!this.flowing) return NOTHING;
    const tail = Buffer.concat(this.chunks);
    const at = tail.lastIndexOf(USAGE);
    if (at === -1) return NOTHING;
    this.reader.readWhole(Buffer.concat([OPENING, tail.subarray(at)]));
    return { usage: this.reader.usage(), text: undefined };
  }
}

/** What is wrong with a body that was to be JSON, if anything is. */
function errorOfJson(body: Buffer): SyntaxError | undefined {
  try {
    JSON.parse(body.toString('utf8'));
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}
