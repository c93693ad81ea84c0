import { endOfStrictString, isBareScalar } from './json-scalar.js';

// Reads a JSON object once and allocates nothing, for what passes by the hundred thousand each second.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Deeper than any request or answer is. What is deeper is not read, for whoever reads it by calling itself must not run out of stack. */
export const JSON_MAX_DEPTH = 128;
/** A string that is longer than this is searched for its end natively. */
const SHORT_STRING_BYTES = 64;

/** What is told of an object while it is read. Offsets are of the bytes; those of strings are without their quotes. */
export interface JsonSink {
  /** An outermost member begins. @returns whether the strings below it are to be told */
  enter(bytes: Buffer, keyStart: number, keyEnd: number): boolean;
  /** A string that is a member of an object below an entered member. */
  string(bytes: Buffer, keyStart: number, keyEnd: number, start: number, end: number): void;
  /** An outermost member is read; a value that is a string has its quotes. */
  member(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void;
}

export const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** The offset of the first byte at or after `from` that is no white space. */
export function afterSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

/** The offset of the quote that ends a string, `start` being its first byte; -1 where there is none. */
function endOfString(bytes: Buffer, start: number): number {
  const near = Math.min(bytes.length, start + SHORT_STRING_BYTES);
  let at = start;
  for (; at < near; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  // Beyond `near` by one where the last byte before it was a backslash: what it escapes is passed over.
  let quote = bytes.indexOf(QUOTE, at);
  while (quote !== -1) {
    let slashes = 0;
    while (quote - 1 - slashes >= at && bytes[quote - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote;
    quote = bytes.indexOf(QUOTE, quote + 1);
  }
  return -1;
}

/** Whether each of the open values is an object; one scan runs at a time, but for those within `member`, where only the first is open. */
const inObject = new Uint8Array(JSON_MAX_DEPTH + 1);

/**
 * Reads the object that begins at or after `from`, past white space. Keys are compared as they stand: one that is
 * written with escapes is a key that nobody asks for. What was told before a malformed place stays told.
 * @param strictly whether what is malformed within strings, numbers and literals counts, as it does for JSON.parse
 * @returns the offset after the object; -1 where it is none, or malformed
 */
export function scanJsonObject(bytes: Buffer, from: number, sink: JsonSink, strictly = false): number {
  const { length } = bytes;
  let at = afterSpace(bytes, from);
  if (bytes[at] !== OPEN_BRACE) return -1;
  at++;
  let depth = 1;
  inObject[1] = 1;
  /** Offsets of the outermost member that is being read, and of the nearest key. */
  let topKey = 0;
  let topKeyEnd = 0;
  let topValue = 0;
  let told = false;
  let key = 0;
  let keyEnd = 0;
  let awaitsKey = true;
  /** At the place of a value or a key, and after a comma or an opening. */
  let fresh = true;
  while (at < length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const start = at + 1;
      const end = strictly ? endOfStrictString(bytes, start) : endOfString(bytes, start);
      if (end === -1 || !fresh) return -1;
      at = end + 1;
      if (awaitsKey) {
        key = start;
        keyEnd = end;
        at = afterSpace(bytes, at);
        if (bytes[at] !== COLON) return -1;
        at = afterSpace(bytes, at + 1);
        awaitsKey = false;
        if (depth === 1) {
          topKey = key;
          topKeyEnd = keyEnd;
          topValue = at;
          told = sink.enter(bytes, key, keyEnd);
        }
        continue;
      }
      fresh = false;
      if (depth === 1) sink.member(bytes, topKey, topKeyEnd, topValue, at);
      else if (told && inObject[depth] === 1) sink.string(bytes, key, keyEnd, start, end);
    } else if (isSpace(byte)) {
      at++;
    } else if (byte === COMMA) {
      if (fresh) return -1;
      fresh = true;
      awaitsKey = inObject[depth] === 1;
      at++;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (!fresh || awaitsKey || depth === JSON_MAX_DEPTH) return -1;
      depth++;
      inObject[depth] = byte === OPEN_BRACE ? 1 : 0;
      awaitsKey = byte === OPEN_BRACE;
      at++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if ((byte === CLOSE_BRACE) !== (inObject[depth] === 1)) return -1;
      // Only an empty value may end where another could begin.
      if (fresh && bytes[lastBefore(bytes, at)] !== (byte === CLOSE_BRACE ? OPEN_BRACE : OPEN_BRACKET)) return -1;
      depth--;
      at++;
      if (depth === 0) return at;
      fresh = false;
      awaitsKey = false;
      if (depth === 1) sink.member(bytes, topKey, topKeyEnd, topValue, at);
    } else {
      if (!fresh || awaitsKey) return -1;
      const start = at;
      while (at < length && !isDelimiter(bytes[at])) at++;
      if (strictly && !isBareScalar(bytes, start, at)) return -1;
      fresh = false;
      if (depth === 1) sink.member(bytes, topKey, topKeyEnd, topValue, at);
    }
  }
  return -1;
}

const isDelimiter = (byte: number | undefined): boolean =>
  byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte === QUOTE || isSpace(byte);

function lastBefore(bytes: Buffer, at: number): number {
  let last = at - 1;
  while (isSpace(bytes[last])) last--;
  return last;
}
