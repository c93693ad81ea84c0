import { afterSpace, isSpace, JSON_MAX_DEPTH } from './json-scan.js';

// Reads and edits the top level of a JSON object as bytes. What is not touched stays byte for byte what it was:
// parsing and writing again would change numbers, duplicates and white space that an upstream may know more about.

export interface JsonMember {
  key: string;
  /** Offsets: of the key's opening quote, of the value's first byte, and of the byte after the value. */
  keyStart: number;
  valueStart: number;
  valueEnd: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The offset after a string that opens at `at`; -1 where it does not end. */
function afterString(bytes: Buffer, at: number): number {
  let quote = bytes.indexOf(QUOTE, at + 1);
  while (quote !== -1) {
    let slashes = 0;
    while (bytes[quote - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    quote = bytes.indexOf(QUOTE, quote + 1);
  }
  return -1;
}

/** The offset after a value that begins at `at`; -1 where it does not end, or is nested too deeply. */
function afterValue(bytes: Buffer, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = afterString(bytes, i) - 1;
      if (i < 0) return -1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth === JSON_MAX_DEPTH) return -1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return i;
      depth--;
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) return i;
    else continue;
    if (depth === 0) return i + 1;
  }
  return -1;
}

/** A key as JSON.parse reads it; `undefined` where it is no JSON string. */
function keyOf(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw.slice(1, -1);
  try {
    return JSON.parse(raw) as string;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The members of the object in `bytes`, in order, duplicates included; `undefined` where it is no JSON object, or one
 * that is nested deeper than 128 levels.
 */
export function topLevelMembers(bytes: Buffer): JsonMember[] | undefined {
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return undefined;
  at = afterSpace(bytes, at + 1);
  const members: JsonMember[] = [];
  if (bytes[at] === CLOSE_BRACE) return members;
  for (;;) {
    const keyStart = at;
    if (bytes[at] !== QUOTE) return undefined;
    at = afterString(bytes, at);
    if (at < 0) return undefined;
    const key = keyOf(bytes.toString('utf8', keyStart, at));
    if (key === undefined) return undefined;
    at = afterSpace(bytes, at);
    if (bytes[at] !== COLON) return undefined;
    const valueStart = afterSpace(bytes, at + 1);
    const valueEnd = afterValue(bytes, valueStart);
    if (valueEnd <= valueStart) return undefined;
    members.push({
      key,
      keyStart,
      valueStart,
      valueEnd,
    });
    at = afterSpace(bytes, valueEnd);
    if (bytes[at] === CLOSE_BRACE) return members;
    if (bytes[at] !== COMMA) return undefined;
    at = afterSpace(bytes, at + 1);
  }
}

/** The object with the member set: every occurrence is replaced, or it is added at the end. */
export function withMember(bytes: Buffer, key: string, json: string): Buffer {
  const members = topLevelMembers(bytes);
  if (members === undefined) return bytes;
  const found = members.filter(member => member.key === key);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { valueStart, valueEnd } of found) {
    parts.push(bytes.subarray(from, valueStart), Buffer.from(json));
    from = valueEnd;
  }
  if (found.length === 0) {
    from = bytes.lastIndexOf(CLOSE_BRACE);
    parts.push(bytes.subarray(0, from), Buffer.from(`${members.length > 0 ? ',' : ''}${JSON.stringify(key)}:${json}`));
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

/** The object without the member, and without the comma that belonged to it. */
export function withoutMember(bytes: Buffer, key: string): Buffer {
  const members = topLevelMembers(bytes);
  const index = members?.findIndex(member => member.key === key) ?? -1;
  const member = members?.[index];
  if (members === undefined || member === undefined) return bytes;
  const before = members[index - 1];
  const after = members[index + 1];
  const start = before !== undefined ? before.valueEnd : member.keyStart;
  const end = before === undefined && after !== undefined ? after.keyStart : member.valueEnd;
  return withoutMember(Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]), key);
}
