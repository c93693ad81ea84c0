import { crc32 } from 'node:zlib';
import { flat } from '../../platform/text/index.js';
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

const HEX_DIGITS = Buffer.from('0123456789abcdef');

/** Writes a checksum digit by digit, in 0.02 us: to make a text of it first, and have that written, takes 0.7. */
function writeChecksum(into: Buffer, at: number, checksum: number): void {
  for (let digit = CHECKSUM_BYTES - 1, rest = checksum; digit >= 0; digit--, rest >>>= 4)
    into[at + digit] = HEX_DIGITS[rest & 0xf] ?? 0;
}

function hasChecksum(bytes: Buffer, at: number, checksum: number): boolean {
  for (let digit = CHECKSUM_BYTES - 1, rest = checksum; digit >= 0; digit--, rest >>>= 4)
    if (bytes[at + digit] !== HEX_DIGITS[rest & 0xf]) return false;
  return true;
}

/** What stands in JSON as it is, as nearly all that is written here does. */
const PLAIN = /^[\w ./:@+-]*$/;
const BEYOND_ASCII = /[^\0-\x7f]/g;
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Records are ASCII, so that their bytes are as many as their characters, and can be written as they are. */
const inAscii = (json: string): string => json.replace(BEYOND_ASCII, escaped);
const text = (value: string): string => (PLAIN.test(value) ? `"${value}"` : inAscii(JSON.stringify(value)));
const time = (moment: Date): string => `"${isoTime(moment.getTime())}"`;

/** What all requests of one credential to one endpoint of one model have in common. */
interface Kinship extends Pick<OpenedEntry, 'subject' | 'tier' | 'model' | 'endpoint'> {
  json: string;
}

const MAX_KINSHIPS = 10_000;
/** By credential; of each, the last that it was used for. */
const kinships = new Map<string, Kinship>();

function kinshipJson({ subject, tier, credential, model, endpoint }: OpenedEntry): string {
  const known = kinships.get(credential.id);
  if (known?.model === model && known.endpoint === endpoint && known.tier === tier && known.subject === subject)
    return known.json;
  const json =
    `,"subject":${text(subject)},"tier":${text(tier)}` +
    `,"credential":{"type":"${credential.type}","id":${text(credential.id)}},"model":${text(model)},"endpoint":"${endpoint}"`;
  if (kinships.size >= MAX_KINSHIPS) kinships.clear();
  kinships.set(credential.id, { subject, tier, model, endpoint, json });
  return json;
}

/** Room for a name as long as the catalog takes it, with its quotes. Every open request reserves as much in its segment. */
const MODEL_MAX_BYTES = 257;
/** Code points that fit when each takes two escapes. */
const CUT_CODE_POINTS = 21;

/** A name that outgrows its room by its escapes is cut, between two code points. */
function modelText(model: string): string {
  const whole = text(model);
  return whole.length <= MODEL_MAX_BYTES ? whole : text([...model].slice(0, CUT_CODE_POINTS).join(''));
}

// Member by member, because what JSON.stringify takes for objects and dates is a tenth of all that a request takes.

export function openedJson(opened: OpenedEntry): string {
  const { estimate } = opened;
  // A UUID needs no quoting, and is mostly the request's id too.
  const requestId = opened.requestId === opened.id ? `"${opened.id}"` : text(opened.requestId);
  return (
    `{"id":"${opened.id}","requestId":${requestId},"startedAt":${time(opened.startedAt)}${kinshipJson(opened)}` +
    `,"streamed":${opened.streamed},"bytesIn":${opened.bytesIn},"estimate":{"inputTokens":${estimate.inputTokens}` +
    `,"outputTokens":${estimate.outputTokens},"costMicros":${estimate.costMicros}}}`
  );
}

/** @param openedJson what {@link openedJson} made of the same request */
export const closedJson = (openedJson: string, closing: Closing): string =>
  `${openedJson.slice(0, -1)},"firstByteAt":${closing.firstByteAt === null ? 'null' : time(closing.firstByteAt)}` +
  `,"endedAt":${time(closing.endedAt)},"upstream":${closing.upstream === null ? 'null' : text(closing.upstream)}` +
  `,"upstreamModel":${closing.upstreamModel === null ? 'null' : modelText(closing.upstreamModel)},"attempts":${closing.attempts}` +
  `,"outcome":"${closing.outcome}","status":${closing.status},"inputTokens":${closing.inputTokens}` +
  `,"cachedInputTokens":${closing.cachedInputTokens},"outputTokens":${closing.outputTokens}` +
  `,"reasoningTokens":${closing.reasoningTokens},"usageSource":"${closing.usageSource}"` +
  `,"costMicros":${closing.costMicros},"bytesOut":${closing.bytesOut}}`;

/** How many bytes a record takes. */
export const lineBytes = (json: string): number => json.length + FRAME_BYTES;

/**
 * Writes a record into a buffer.
 * @param from where it begins
 * @returns its bytes
 * @throws RangeError where the buffer has no room for it
 */
export function writeLine(into: Buffer, from: number, json: string): number {
  const start = from + 1 + PREFIX_BYTES;
  const end = start + json.length;
  if (end >= into.length) throw new RangeError('a record of the ledger is too long');
  into[from] = LINE_END;
  into.write(flat(json), start, 'latin1');
  writeChecksum(into, from + 1, crc32(into.subarray(start, end)));
  into[start - 1] = SPACE;
  into[end] = LINE_END;
  return end + 1 - from;
}

/** No closing is longer: every number with all its digits, an upstream's id of 36 characters, and its name for the model. */
const CLOSING_MAX_BYTES = 512 + MODEL_MAX_BYTES + 32;

/** What the closed record of a request takes at most. @param openedBytes what its first record takes */
export const closedLineMaxBytes = (openedBytes: number): number => openedBytes + CLOSING_MAX_BYTES;

type Stored = Omit<OpenedEntry, 'startedAt'> & { startedAt: string; outcome?: string };

/** @returns the JSON of a whole line, where it stands; nothing where it was torn, or damaged since, and where it is zeros */
function jsonAt(bytes: Buffer, from: number, to: number): Buffer | undefined {
  if (to - from <= PREFIX_BYTES || bytes[from + CHECKSUM_BYTES] !== SPACE) return undefined;
  const json = bytes.subarray(from + PREFIX_BYTES, to);
  return hasChecksum(bytes, from, crc32(json)) ? json : undefined;
}

/** As text, which is ASCII; journals of earlier builds were UTF-8. */
export const textOf = (json: string | Buffer): string => inAscii(String(json));

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
    const line = jsonAt(bytes, from, to);
    if (line !== undefined) {
      const json = textOf(line);
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
const BEGINNING_BYTES = 256;
const BEGINNING = /^\{"id":"([\w-]+)","requestId":"[\w.-]*","startedAt":"([^"\\]+)"/;

/**
 * The closed record that begins at a position. In a third of the time that {@link decodeRecords} takes, for each entry
 * passes here on its way to Postgres.
 * @returns nothing where it is damaged
 */
export function closedEntryAt(bytes: Buffer, position: number): WrittenEntry | undefined {
  const from = position + 1;
  const json = jsonAt(bytes, from, lineEnd(bytes, from));
  if (json === undefined) return undefined;
  const [, plainId, plainTime] = BEGINNING.exec(json.toString('latin1', 0, BEGINNING_BYTES)) ?? [];
  const { id, startedAt } =
    plainId !== undefined && plainTime !== undefined
      ? { id: plainId, startedAt: plainTime }
      : (JSON.parse(textOf(json)) as Stored);
  return { id, startedAt: new Date(startedAt), json };
}
