import { crc32 } from 'node:zlib';
import { isoTime } from './iso-time.js';
import type { Closing, OpenedEntry, WrittenEntry } from './ledger-entry.js';

// One record is one line: the CRC-32 of the JSON in hexadecimal, a space, the JSON. A line end stands before it as well
// as after it, so that a damaged one takes no more than its own record along.

/** What a segment tells of requests, by their ids. */
export interface JournalRecords {
  opened: Map<string, ReadOpening>;
  /** Where they stand, for {@link closedEntryAt}; in order. */
  closed: Map<string, number>;
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
/** In UTF-8. */
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
 * Writes a record into a buffer.
 * @param from where it begins
 * @returns its bytes
 * @throws RangeError where the buffer has no room for it
 */
export function writeLine(into: Buffer, from: number, json: string): number {
  const start = from + 1 + PREFIX_BYTES;
  const end = start < into.length ? start + into.write(json, start, 'utf8') : into.length;
  // Such a buffer may have lost the end of what was written to it.
  if (end >= into.length || (end + LONGEST_CHARACTER > into.length && end + 1 < from + lineBytes(json)))
    throw new RangeError('a record of the ledger is too long');
  into[from] = LINE_END;
  into.write(checksum(into.subarray(start, end)), from + 1, 'latin1');
  into[start - 1] = SPACE;
  into[end] = LINE_END;
  return end + 1 - from;
}

/** No closing is longer: every number with all its digits, and an upstream's id of 36 characters. */
const CLOSING_MAX_BYTES = 512;

/** What the closed record of a request takes at most. @param openedBytes what its first record takes */
export const closedLineMaxBytes = (openedBytes: number): number => openedBytes + CLOSING_MAX_BYTES;

type Stored = Omit<OpenedEntry, 'startedAt'> & { startedAt: string; outcome?: string };

/** @returns the JSON of a whole line; nothing where it was torn, or damaged since, and where it is zeros */
function jsonOf(bytes: Buffer, from: number, to: number): string | undefined {
  if (to - from <= PREFIX_BYTES || bytes[from + CHECKSUM_BYTES] !== SPACE) return undefined;
  const json = bytes.subarray(from + PREFIX_BYTES, to);
  return checksum(json) === bytes.toString('latin1', from, from + CHECKSUM_BYTES) ? json.toString('utf8') : undefined;
}

function lineEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(LINE_END, from);
  return at === -1 ? bytes.length : at;
}

/**
 * The whole records of a segment, each once, in their order. One that was torn by the end of a process, or damaged since,
 * is passed over, and so are the zeros that a segment is made of before it is written.
 */
export function decodeRecords(bytes: Buffer): JournalRecords {
  const records: JournalRecords = { opened: new Map(), closed: new Map() };
  for (let from = 0; from < bytes.length;) {
    const to = lineEnd(bytes, from);
    const json = jsonOf(bytes, from, to);
    if (json !== undefined) {
      const stored = JSON.parse(json) as Stored;
      const { id } = stored;
      if (stored.outcome === undefined)
        records.opened.set(id, { opened: { ...stored, startedAt: new Date(stored.startedAt) }, json });
      // It stands after the end of the line before it, with which its record begins.
      else if (!records.closed.has(id)) records.closed.set(id, from - 1);
    }
    from = to + 1;
  }
  return records;
}

/** How {@link openedJson} begins, where the ids are plain. */
const BEGINNING = /^\{"id":"([\w-]+)","requestId":"[\w.-]*","startedAt":"([^"\\]+)"/;

/**
 * The closed record that begins at a position. In a third of the time that {@link decodeRecords} takes, for each entry
 * passes here on its way to Postgres.
 * @returns nothing where it is damaged
 */
export function closedEntryAt(bytes: Buffer, position: number): WrittenEntry | undefined {
  const from = position + 1;
  const json = jsonOf(bytes, from, lineEnd(bytes, from));
  if (json === undefined) return undefined;
  const [, plainId, plainTime] = BEGINNING.exec(json) ?? [];
  const { id, startedAt } =
    plainId !== undefined && plainTime !== undefined
      ? { id: plainId, startedAt: plainTime }
      : (JSON.parse(json) as Stored);
  return { id, startedAt: new Date(startedAt), json };
}
