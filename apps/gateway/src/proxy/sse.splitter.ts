import { BytePieces } from './byte.pieces.js';

const LF = 0x0a;
const CR = 0x0d;
const HELD_CR = Buffer.of(CR);

/** What has no end after this many bytes goes on in pieces: memory must not grow with what an upstream sends. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/**
 * Cuts a stream of bytes into server-sent events, however the bytes arrive. Each event keeps its own bytes, the blank
 * line that ends it included, so that what is not changed goes on as it came. Lines end in LF, CRLF or CR, as the
 * specification of server-sent events has it.
 */
export class SseSplitter {
  /** The event that has begun. */
  private readonly begun = new BytePieces();
  /** Nothing stands on the current line yet. */
  private lineIsEmpty = true;
  /** The last byte was a CR that may yet be followed by its LF. */
  private crIsHeld = false;
  /** The last line ended in a CR alone: then so does a next one, and nothing needs to be waited for. */
  private crStandsAlone = false;

  /** @param take is given each event as soon as its end is there */
  constructor(private readonly take: (event: Buffer) => void) {}

  push(chunk: Buffer): void {
    const bytes = this.crIsHeld ? Buffer.concat([HELD_CR, chunk]) : chunk;
    let { length } = bytes;
    this.crIsHeld = false;
    let eventStart = 0;
    let lineStart = 0;
    let newline = bytes.indexOf(LF);
    let carriage = bytes.indexOf(CR);
    while (newline !== -1 || carriage !== -1) {
      const isCr = carriage !== -1 && (newline === -1 || carriage < newline);
      const lineEnd = isCr ? carriage : newline;
      const isBlank = lineEnd === lineStart && (lineStart > 0 || this.lineIsEmpty);
      let next = lineEnd + 1;
      if (isCr) {
        if (next === length && !(isBlank && this.crStandsAlone)) {
          this.crIsHeld = true;
          length--;
          break;
        }
        this.crStandsAlone = next === length || next !== newline;
        if (next === newline) next++;
        carriage = bytes.indexOf(CR, next);
      } else this.crStandsAlone = false;
      if (newline !== -1 && newline < next) newline = bytes.indexOf(LF, next);
      if (isBlank) {
        // Most chunks are one event, which needs no view of its own.
        const isAll = eventStart === 0 && next === bytes.length;
        this.end(isAll ? bytes : bytes.subarray(eventStart, next));
        eventStart = next;
      }
      lineStart = next;
    }
    if (lineStart > 0) this.lineIsEmpty = lineStart === length;
    else if (length > 0) this.lineIsEmpty = false;
    if (eventStart < length) this.begun.add(bytes.subarray(eventStart, length));
    if (this.begun.length > MAX_EVENT_BYTES) this.take(this.begun.take());
  }

  /** What came after the last whole event. */
  remainder(): Buffer {
    if (this.crIsHeld) this.begun.add(HELD_CR);
    return this.begun.take();
  }

  private end(last: Buffer): void {
    if (this.begun.length === 0) return this.take(last);
    this.begun.add(last);
    this.take(this.begun.take());
  }
}
