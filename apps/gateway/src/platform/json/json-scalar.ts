// Numbers, literals and strings of JSON, read where they stand.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const FIRST_PRINTABLE = 0x20;
const HEX_DIGITS = 4;

const LITERALS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const LITERAL_BYTES = [...LITERALS.keys()].map(name => Buffer.from(name));
const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const UNICODE = 0x75;
const EXPONENTS = new Set(Buffer.from('eE'));

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;

/** Whether the bytes between the offsets are these. */
export function bytesAre(bytes: Buffer, start: number, end: number, expected: Buffer): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

function afterDigits(bytes: Buffer, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at;
}

function isNumber(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let at = bytes[first] === ZERO ? first + 1 : afterDigits(bytes, first);
  if (at === first) return false;
  if (bytes[at] === POINT) {
    const fraction = at + 1;
    at = afterDigits(bytes, fraction);
    if (at === fraction) return false;
  }
  if (EXPONENTS.has(bytes[at] ?? 0) && at < end) {
    const exponent = bytes[at + 1] === MINUS || bytes[at + 1] === PLUS ? at + 2 : at + 1;
    at = afterDigits(bytes, exponent);
    if (at === exponent) return false;
  }
  return at === end;
}

/** Whether the bytes between the offsets are a number or a literal, as JSON.parse would have it. */
export const isBareScalar = (bytes: Buffer, start: number, end: number): boolean =>
  isNumber(bytes, start, end) || LITERAL_BYTES.some(literal => bytesAre(bytes, start, end, literal));

/** 1 for the bytes of hexadecimal digits. */
const HEX = new Uint8Array(256);
for (const digit of Buffer.from('0123456789abcdefABCDEF')) HEX[digit] = 1;

/** Returns the length of the escape whose backslash is at `at`; 0 where JSON has no such escape. */
export function escapeLength(bytes: Buffer, at: number): number {
  const kind = bytes[at + 1] ?? 0;
  if (ESCAPES.has(kind)) return 2;
  if (kind !== UNICODE) return 0;
  for (let digit = 0; digit < HEX_DIGITS; digit++) if (HEX[bytes[at + 2 + digit] ?? 0] !== 1) return 0;
  return 2 + HEX_DIGITS;
}

/** The offset of the quote that ends a string, as JSON.parse would have it, `start` being its first byte; -1 where there is none. */
export function endOfStrictString(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte < FIRST_PRINTABLE) return -1;
    if (byte !== BACKSLASH) continue;
    const length = escapeLength(bytes, at);
    if (length === 0) return -1;
    at += length - 1;
  }
  return -1;
}

/** No number of as many digits is inexact. */
const EXACT_DIGITS = 15;

/**
 * The value of valid JSON between the offsets, as JSON.parse has it, which is asked only where it is no plain text, natural
 * number or literal.
 */
export function jsonValueAt(bytes: Buffer, start: number, end: number): unknown {
  const digitsEnd = afterDigits(bytes, start);
  if (digitsEnd === end && end - start <= EXACT_DIGITS) {
    let number = 0;
    for (let at = start; at < end; at++) number = number * 10 + (bytes[at] ?? 0) - ZERO;
    return number;
  }
  const text = bytes.toString('utf8', start, end);
  if (bytes[start] === QUOTE && !text.includes('\\')) return text.slice(1, -1);
  return LITERALS.has(text) ? LITERALS.get(text) : JSON.parse(text);
}
