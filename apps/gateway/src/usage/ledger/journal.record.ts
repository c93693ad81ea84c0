import { crc32 } from 'node:zlib';
import { type Closing, entryOf, type LedgerEntry, type OpenedEntry } from './ledger-entry.js';

// One record is one line: the CRC-32 of the JSON in hexadecimal, a space, the JSON. A line end stands before it as well
// as after it, so that a damaged one takes no more than its own record along.

/** What a segment tells of requests, by their ids. */
export interface JournalRecords {
  opened: Map<string, OpenedEntry>;
  closed: Map<string, LedgerEntry>;
}

type Stored<T> = {
  [Key in keyof T]: T[Key] extends Date ? string : T[Key] extends Date | null ? string | null : T[Key];
};

const LINE_END = 0x0a;
const SPACE = 0x20;
const PREFIX_BYTES = 9;

const checksum = (json: string | Uint8Array): string => crc32(json).toString(16).padStart(8, '0');

export const openedJson = (opened: OpenedEntry): string => JSON.stringify(opened);

/** @param openedJson what {@link openedJson} made of the same request */
export const closedJson = (openedJson: string, closing: Closing): string =>
  `${openedJson.slice(0, -1)},${JSON.stringify(closing).slice(1)}`;

export const lineOf = (json: string): string => `\n${checksum(json)} ${json}\n`;

export const lineBytes = (json: string): number => Buffer.byteLength(json) + PREFIX_BYTES + 2;

/** No closing is longer: every number with all its digits, and an upstream's id of 36 characters. */
const CLOSING_MAX_BYTES = 512;

/** What the closed record of the request takes at most. */
export const closedLineMaxBytes = (openedJson: string): number => lineBytes(openedJson) + CLOSING_MAX_BYTES;

function decodeLine(line: Buffer, records: JournalRecords): void {
  if (line.length <= PREFIX_BYTES || line[PREFIX_BYTES - 1] !== SPACE) return;
  const json = line.subarray(PREFIX_BYTES);
  if (checksum(json) !== line.toString('latin1', 0, PREFIX_BYTES - 1)) return;
  const stored = JSON.parse(json.toString('utf8')) as Stored<OpenedEntry> | Stored<OpenedEntry & Closing>;
  const opened = { ...stored, startedAt: new Date(stored.startedAt) };
  if ('outcome' in stored) {
    const { firstByteAt, endedAt } = stored;
    const times = { firstByteAt: firstByteAt === null ? null : new Date(firstByteAt), endedAt: new Date(endedAt) };
    records.closed.set(stored.id, entryOf(opened, { ...stored, ...times }));
  } else {
    records.opened.set(stored.id, opened);
  }
}

/**
 * The whole records of a segment, each once, in their order. One that was torn by the end of a process, or damaged since,
 * is passed over, and so are the zeros that a segment is made of before it is written.
 */
export function decodeRecords(bytes: Buffer): JournalRecords {
  const records: JournalRecords = { opened: new Map(), closed: new Map() };
  for (let from = 0; from < bytes.length;) {
    const at = bytes.indexOf(LINE_END, from);
    const to = at === -1 ? bytes.length : at;
    decodeLine(bytes.subarray(from, to), records);
    from = to + 1;
  }
  return records;
}
