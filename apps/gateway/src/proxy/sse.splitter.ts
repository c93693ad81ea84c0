const LF = 0x0a;
const CR = 0x0d;
const NO_BYTES = Buffer.alloc(0);

/** What has no end after this many bytes goes on in pieces: memory must not grow with what an upstream sends. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/**
 * Cuts a stream of bytes into server-sent events, however the bytes arrive. Each event keeps its own bytes, the blank
 * line that ends it included (LF or CRLF), so that what is not changed goes on as it came.
 */
export class SseSplitter {
  private rest: Buffer = NO_BYTES;
  /** Up to here `rest` is known to hold no end of an event. */
  private scanned = 0;

  push(chunk: Buffer): Buffer[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const events: Buffer[] = [];
    let start = 0;
    let newline = bytes.indexOf(LF, this.scanned);
    while (newline !== -1) {
      const next = bytes[newline + 1] === CR ? newline + 2 : newline + 1;
      if (bytes[next] === LF) {
        events.push(bytes.subarray(start, next + 1));
        start = next + 1;
        newline = bytes.indexOf(LF, start);
      } else {
        newline = bytes.indexOf(LF, newline + 1);
      }
    }
    this.rest = bytes.subarray(start);
    if (this.rest.length > MAX_EVENT_BYTES) {
      events.push(this.rest);
      this.rest = NO_BYTES;
    }
    // The end may lie across the next chunk's border: "\n", "\n\r" are looked at again.
    this.scanned = Math.max(0, this.rest.length - 2);
    return events;
  }

  /** What came after the last whole event. */
  remainder(): Buffer {
    return this.rest;
  }
}

/** The data of an event (its `data:` lines joined by newlines), or `undefined` where it has none, as a comment. */
export function dataOf(event: Buffer): Buffer | undefined {
  const lines: Buffer[] = [];
  let start = 0;
  while (start < event.length) {
    const newline = event.indexOf(LF, start);
    const lineEnd = newline === -1 ? event.length : newline;
    const end = event[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (end - start >= 5 && event.toString('latin1', start, start + 5) === 'data:') {
      lines.push(event.subarray(event[start + 5] === 0x20 ? start + 6 : start + 5, end));
    }
    start = lineEnd + 1;
  }
  if (lines.length === 0) return undefined;
  return lines.length === 1 ? lines[0] : Buffer.from(lines.map(line => line.toString('utf8')).join('\n'));
}
