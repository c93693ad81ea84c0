const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const FIELD = Buffer.from('data:');
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const NEWLINE = Buffer.of(LF);

/** Where a data line has its value. */
interface DataLine {
  lineStart: number;
  start: number;
  end: number;
  /** The offset after the line's own end. */
  next: number;
}

/** The offset of the first LF or CR from `at` on, or the end of the bytes. */
function lineEndFrom(bytes: Buffer, at: number): number {
  const newline = bytes.indexOf(LF, at);
  const end = newline === -1 ? bytes.length : newline;
  const carriage = bytes.indexOf(CR, at);
  return carriage !== -1 && carriage < end ? carriage : end;
}

function isData(event: Buffer, at: number, end: number): boolean {
  if (end - at < FIELD.length) return false;
  for (let i = 0; i < FIELD.length; i++) if (event[at + i] !== FIELD[i]) return false;
  return true;
}

function dataLines(event: Buffer): DataLine[] {
  const lines: DataLine[] = [];
  // A byte order mark may stand before a stream's first line, and belongs to no field.
  let lineStart = event[0] === BYTE_ORDER_MARK[0] && event.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0;
  while (lineStart < event.length) {
    const end = lineEndFrom(event, lineStart);
    const next = event[end] === CR && event[end + 1] === LF ? end + 2 : end + 1;
    if (isData(event, lineStart, end)) {
      const value = lineStart + FIELD.length;
      lines.push({ lineStart, start: event[value] === SPACE ? value + 1 : value, end, next });
    }
    lineStart = next;
  }
  return lines;
}

/** The data of an event that is one `data:` line and nothing else, as most are; `undefined` for every other. */
function onlyLineOf(event: Buffer): Buffer | undefined {
  if (!isData(event, 0, event.length)) return undefined;
  let end = event.length;
  while (event[end - 1] === LF || event[end - 1] === CR) end--;
  if (lineEndFrom(event, 0) < end) return undefined;
  return event.subarray(event[FIELD.length] === SPACE && end > FIELD.length ? FIELD.length + 1 : FIELD.length, end);
}

/** The data of an event (its `data:` lines joined by newlines), or `undefined` where it has none, as a comment. */
export function dataOf(event: Buffer): Buffer | undefined {
  const only = onlyLineOf(event);
  if (only !== undefined) return only;
  const lines = dataLines(event);
  const first = lines[0];
  if (first === undefined) return undefined;
  if (lines.length === 1) return event.subarray(first.start, first.end);
  return Buffer.concat(
    lines.flatMap(({ start, end }, index) => [...(index > 0 ? [NEWLINE] : []), event.subarray(start, end)]),
  );
}

/**
 * The event with other data: all its other lines, and the way in which each of its lines is written, stay as they are.
 * Data of fewer lines leaves the last of the `data:` lines out; it must not have more.
 */
export function withData(event: Buffer, data: Buffer): Buffer {
  const only = onlyLineOf(event);
  if (only !== undefined) {
    const start = only.byteOffset - event.byteOffset;
    return Buffer.concat([event.subarray(0, start), data, event.subarray(start + only.length)]);
  }
  const parts: Buffer[] = [];
  let from = 0;
  let at = 0;
  for (const { lineStart, start, end, next } of dataLines(event)) {
    if (at > data.length) {
      parts.push(event.subarray(from, lineStart));
      from = next;
      continue;
    }
    const newline = data.indexOf(LF, at);
    const lineEnd = newline === -1 ? data.length : newline;
    parts.push(event.subarray(from, start), data.subarray(at, lineEnd));
    from = end;
    at = lineEnd + 1;
  }
  return Buffer.concat([...parts, event.subarray(from)]);
}
