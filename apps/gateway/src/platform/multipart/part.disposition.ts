import { invalidRequest } from '../errors/index.js';

/** What a part's Content-Disposition says. */
export interface Disposition {
  readonly name: string;
  readonly isFile: boolean;
  /** The header's value, written by the gateway. */
  readonly text: string;
}

const TYPE = /^form-data[ \t]{0,8}(?=;|$)/i;
/** One parameter with the semicolon before it: quoted without escapes, which readers take in different ways, or a token. */
const PARAMETER = /;[ \t]{0,8}(name|filename|filename\*)=(?:"([^"\\]*)"|([\w!#$%&'*+.^`|~-]+))[ \t]{0,8}/iy;
/** What needs no unescaping. */
const NAME = /^[\w.[\]-]{1,255}$/;
/** RFC 5987. */
const EXTENDED = /^utf-8'[a-z\d-]{0,16}'(?:[\w!#$&+.^`|~-]|%[\da-f]{2})+$/i;
/** Controls, bytes that are no UTF-8, and encoded words (RFC 2047), which some readers decode before they look for parameters. */
const UNSAFE = /[\p{Cc}\ufffd]|=\?/u;
/** A part of this name sets the charset of all others (RFC 7578 4.6). */
const CHARSET_FIELD = '_charset_';

const unclear = (what: string): Error => invalidRequest(`The form has a part whose ${what} is not clear`);

/**
 * Reads the value of a part's Content-Disposition (RFC 7578 4.2) in linear time. It may have the parameters `name`, `filename`
 * and `filename*`, each once, and no backslash.
 * @throws ApiError 400 for anything else
 */
export function dispositionOf(value: string): Disposition {
  const type = TYPE.exec(value);
  if (type === null) throw unclear('Content-Disposition');
  const found = new Map<string, string>();
  PARAMETER.lastIndex = type[0].length;
  while (PARAMETER.lastIndex < value.length) {
    const parameter = PARAMETER.exec(value);
    if (parameter === null) throw unclear('Content-Disposition');
    const key = (parameter[1] ?? '').toLowerCase();
    if (found.has(key)) throw unclear(key);
    found.set(key, parameter[2] ?? parameter[3] ?? '');
  }
  const name = found.get('name') ?? '';
  const filename = found.get('filename');
  const extended = found.get('filename*');
  if (!NAME.test(name) || name.toLowerCase() === CHARSET_FIELD) throw unclear('name');
  if (filename !== undefined && UNSAFE.test(filename)) throw unclear('filename');
  if (extended !== undefined && !EXTENDED.test(extended)) throw unclear('filename*');
  const more = (key: string, text: string | undefined): string => (text === undefined ? '' : `; ${key}=${text}`);
  const quoted = filename === undefined ? undefined : `"${filename}"`;
  const isFile = filename !== undefined || extended !== undefined;
  return { name, isFile, text: `form-data; name="${name}"${more('filename', quoted)}${more('filename*', extended)}` };
}
