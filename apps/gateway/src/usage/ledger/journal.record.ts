import { crc32 } from 'node:zlib';
import type { LedgerEntry } from './ledger-entry.js';

// One record is one line: the CRC-32 of the JSON in hexadecimal, a space, the JSON.

const TIMES = new Set(['startedAt', 'firstByteAt', 'endedAt']);

const checksum = (json: string): string => crc32(json).toString(16).padStart(8, '0');

export function encodeRecord(entry: LedgerEntry): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

function decodeLine(line: string): LedgerEntry | undefined {
  const json = line.slice(9);
  if (line[8] !== ' ' || checksum(json) !== line.slice(0, 8)) return undefined;
  return JSON.parse(json, (key, value: unknown) =>
    TIMES.has(key) && typeof value === 'string' ? new Date(value) : value,
  ) as LedgerEntry;
}

/** The whole records of a segment. One that was torn by the end of a process, or damaged since, is passed over. */
export function decodeRecords(text: string): LedgerEntry[] {
  return text.split('\n').flatMap(line => decodeLine(line) ?? []);
}
