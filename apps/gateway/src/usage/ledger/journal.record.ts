import { crc32 } from 'node:zlib';
import { isoTime } from './iso-time.js';
import type { Closing, OpenedEntry, WrittenEntry } from './ledger-entry.js';

// One record is one line: the CRC-32 of the JSON in hexadecimal, a space, the JSON. A line end stands before it as well
// as after it, so that a damaged one takes no more than its own record along.

/** What a segment tells of requests, by their ids. */
export interface JournalRecords {
  opened: Map<string, ReadOpening>;
  closed: Map<string, WrittenEntry>;
}

/** A request as it was opened, with its own JSON, which its end goes on from. */
export interface ReadOpening {
  readonly opened: OpenedEntry;
  readonly json: string;
}

const LINE_END = 0x0a;
const SPACE = 0x20;
const CHECKSUM_BYTES = 8;
const PREFIX_BYTES = CHECKSUM_BYTES + 1;
const FRAME_BYTES = PREFIX_BYTES + 2;
/** In UTF-8; a buffer that is full to less than that may have lost the end of what was written to it. */
const LONGEST_CHARACTER = 4;

const checksum = (json: Uint8Array): string => crc32(json).toString(16).padStart(CHECKSUM_BYTES, '0');

/** What stands in JSON as it is, as nearly all that is written here does. */
const PLAIN = /^[\w ./:@+-]*$/;
const text = (value: string): string => (PLAIN.test(value) ? `"${value}"` : JSON.stringify(value));
const time = (moment: Date): string => `"${isoTime(moment.getTime())}"`;

// Member by member, because what JSON.stringify takes for objects and dates is a tenth of all that a request takes.

export const openedJson = (opened: OpenedEntry): string =>
  `{"id":${text(opened.id)},"requestId":${text(opened.requestId)},"startedAt":${time(opened.startedAt)}` +
  `,"subject":${text(opened.subject)},"tier":${text(opened.tier)}` +
  `,"credential":{"type":"${opened.credential.type}","id":${text(opened.credential.id)}}` +
  `,"model":${text(opened.model)},"endpoint":"${opened.endpoint}","streamed":${opened.streamed}` +
  `,"bytesIn":${opened.bytesIn},"estimate":{"inputTokens":${opened.estimate.inputTokens}` +
  `,"outputTokens":${opened.estimate.outputTokens},"costMicros":${opened.estimate.costMicros}}}`;

/** @param openedJson what {@link openedJson} made of the same request */
export const closedJson = (openedJson: string, closing: Closing): string =>
  `${openedJson.slice(0, -1)},"firstByteAt":${closing.firstByteAt === null ? 'null' : time(closing.firstByteAt)}` +
  `,"endedAt":${time(closing.endedAt)},"upstream":${closing.upstream === null ? 'null' : text(closing.upstream)}` +
  `,"outcome":"${closing.outcome}","status":${closing.status},"inputTokens":${closing.inputTokens}` +
  `,"cachedInputTokens":${closing.cachedInputTokens},"outputTokens":${closing.outputTokens}` +
  `,"reasoningTokens":${closing.reasoningTokens},"usageSource":"${closing.usageSource}"` +
  `,"costMicros":${closing.costMicros},"bytesOut":${closing.bytesOut}}`;

/** How many bytes a record takes. */
export const lineBytes = (json: string): number => Buffer.byteLength(json) + FRAME_BYTES;

/**
 * Writes a record to the beginning of a buffer that has room for it.
 * @returns its bytes
 * @throws RangeError where the buffer has no room for it
 */
export function writeLine(into: Buffer, json: string): number {
  const end = 1 + PREFIX_BYTES + into.write(json, 1 + PREFIX_BYTES, 'utf8');
  if (end + LONGEST_CHARACTER > into.length) throw new RangeError('a record of the ledger is too long');
  into[0] = LINE_END;
  into.write(checksum(into.subarray(1 + PREFIX_BYTES, end)), 1, 'latin1');
  into[PREFIX_BYTES] = SPACE;
  into[end] = LINE_END;
  return end + 1;
}

/** No closing is longer: every number with all its digits, and an upstream's id of 36 characters. */
const CLOSING_MAX_BYTES = 512;

/** What the closed record of a request takes at most. @param openedBytes what its first record takes */
export const closedLineMaxBytes = (openedBytes: number): number => openedBytes + CLOSING_MAX_BYTES;

type Stored = Omit<OpenedEntry, 'startedAt'> & { startedAt: string; outcome?: string };

/** The JSON of each whole line. One that was torn, or damaged since, is passed over, and so are zeros. */
function* wholeLines(bytes: Buffer): Generator<string> {
  for (let from = 0; from < bytes.length;) {
    const at = bytes.indexOf(LINE_END, from);
    const to = at === -1 ? bytes.length : at;
    if (to - from > PREFIX_BYTES && bytes[from + CHECKSUM_BYTES] === SPACE) {
      const json = bytes.subarray(from + PREFIX_BYTES, to);
      if (checksum(json) === bytes.toString('latin1', from, from + CHECKSUM_BYTES)) yield json.toString('utf8');
    }
    from = to + 1;
  }
}

/**
 * The whole records of a segment, each once, in their order. One that was torn by the end of a process, or damaged since,
 * is passed over, and so are the zeros that a segment is made of before it is written.
 */
export function decodeRecords(bytes: Buffer): JournalRecords {
  const records: JournalRecords = { opened: new Map(), closed: new Map() };
  for (const json of wholeLines(bytes)) {
    const stored = JSON.parse(json) as Stored;
    const { id } = stored;
    const startedAt = new Date(stored.startedAt);
    if (stored.outcome === undefined) records.opened.set(id, { opened: { ...stored, startedAt }, json });
    else records.closed.set(id, { id, startedAt, json });
  }
  return records;
}

/** Quotes within a string are escaped, so that this can only be the member itself. */
const OUTCOME = ',"outcome":"';
/** How {@link openedJson} begins, where the ids are plain. */
const BEGINNING = /^\{"id":"([\w-]+)","requestId":"[\w.-]*","startedAt":"([^"\\]+)"/;

/** The closed records alone, as {@link decodeRecords} reads them, in less than half the time. */
export function decodeClosed(bytes: Buffer): Map<string, WrittenEntry> {
  const closed = new Map<string, WrittenEntry>();
  for (const json of wholeLines(bytes)) {
    if (!json.includes(OUTCOME)) continue;
    const [, plainId, plainTime] = BEGINNING.exec(json) ?? [];
    const { id, startedAt } =
      plainId !== undefined && plainTime !== undefined
        ? { id: plainId, startedAt: plainTime }
        : (JSON.parse(json) as Stored);
    closed.set(id, { id, startedAt: new Date(startedAt), json });
  }
  return closed;
}
