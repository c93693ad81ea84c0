import { invalidRequest } from '../platform/errors/index.js';
import { type JsonKeys, keysNamed } from '../platform/json/index.js';

const BACKSLASH = 0x5c;
const FIRST_UPPER_CASE = 0x41;
const LAST_UPPER_CASE = 0x5a;
const FIRST_BEYOND_ASCII = 0x80;

/** No spelling of a checked name is longer: each of its characters takes at most 6 bytes, as an escape does. */
const BYTES_PER_CHARACTER = 6;

/** What a reader without regard to case may take a key for. NFKC covers U+212A (K), U+017F (ſ), ligatures and full-width letters. */
export const foldedName = (key: string): string => key.normalize('NFKC').toLowerCase();

function isSpelledPlainly(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH || byte >= FIRST_BEYOND_ASCII) return false;
    if (byte >= FIRST_UPPER_CASE && byte <= LAST_UPPER_CASE) return false;
  }
  return true;
}

/**
 * Names of JSON members that decide what a request may have. Some readers, Go's encoding/json among them, match keys
 * without regard to case, so that for them `"Model"` after `"model"` is the model. Such a key is refused.
 */
export class CheckedNames<K extends string> {
  private readonly keys: JsonKeys<K>;
  private readonly byName: ReadonlyMap<string, K>;
  private readonly longestBytes: number;

  /** @param names in lower-case ASCII */
  constructor(names: readonly K[]) {
    this.keys = keysNamed(names);
    this.byName = new Map(names.map(name => [name, name]));
    this.longestBytes = BYTES_PER_CHARACTER * Math.max(...names.map(name => name.length));
  }

  /**
   * Returns the checked name that the key between the offsets is, written with or without escapes.
   * @throws ApiError 400 where the key is one only without regard to case
   */
  at(bytes: Buffer, start: number, end: number): K | undefined {
    const name = this.keys.at(bytes, start, end);
    if (name !== undefined || end - start > this.longestBytes || isSpelledPlainly(bytes, start, end)) return name;
    const key = JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
    const exact = this.byName.get(key);
    if (exact !== undefined) return exact;
    const meant = this.byName.get(foldedName(key));
    if (meant === undefined) return undefined;
    throw invalidRequest(`${JSON.stringify(key)} is not a field of the body; write "${meant}"`, meant);
  }
}
