import type { AnswerReader, UsageWish } from './answer.reader.js';
import { BytePieces } from './byte.pieces.js';
import { dataOf, withData } from './sse.event.js';
import { SseSplitter } from './sse.splitter.js';

const DONE = Buffer.from('[DONE]');
const OPEN_BRACKET = 0x5b;
const NO_BYTES = Buffer.alloc(0);

/** What of a chunk passes on. */
export interface Tapped {
  bytes: Buffer;
  /** From the event on that ends the stream: these wait until the request is settled. */
  final: Buffer;
}

/** Reads the events of a stream as they pass, and hides what the client did not ask for. */
export class StreamTap {
  private readonly splitter = new SseSplitter(event => this.pass(event));
  private readonly passing = new BytePieces();
  private readonly final = new BytePieces();
  /** The end of a whole answer has passed, or of one that the upstream itself says has failed. */
  ended: 'end' | 'failed' | undefined;
  /** An error came in place of what should have followed; it and all after it is held back. */
  broken = false;

  constructor(
    private readonly reader: AnswerReader,
    private readonly wish: UsageWish,
  ) {}

  push(chunk: Buffer): Tapped {
    this.splitter.push(chunk);
    return { bytes: this.passing.take(), final: this.final.take() };
  }

  /** The stream is over. @returns what passes on of an end that came without its blank line; half an event does not */
  flush(): Buffer {
    const rest = this.splitter.remainder();
    if (this.ended === undefined && dataOf(rest)?.equals(DONE) === true) this.ended = 'end';
    return this.ended === undefined ? NO_BYTES : rest;
  }

  private pass(event: Buffer): void {
    if (this.broken) return;
    const shown = this.hasEnded() ? event : this.read(event);
    if (shown !== undefined) (this.hasEnded() ? this.final : this.passing).add(shown);
  }

  /** Asked for, because reading an event may change it. */
  private hasEnded(): boolean {
    return this.ended !== undefined;
  }

  /** @returns the event as the client is to see it, if it is */
  private read(event: Buffer): Buffer | undefined {
    const data = dataOf(event);
    if (data === undefined) return event;
    if (data[0] === OPEN_BRACKET && data.equals(DONE)) {
      this.ended = 'end';
      return event;
    }
    const reading = this.reader.read(data);
    if (reading === 'error') {
      this.broken = true;
      return undefined;
    }
    if (reading !== 'more') this.ended = reading;
    const shown = this.reader.shown(data, this.wish);
    if (shown === data || shown === undefined) return shown && event;
    return withData(event, shown);
  }
}
