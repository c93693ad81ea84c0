import { invalidRequest } from '../errors/index.js';
import { dispositionOf, type Disposition } from './part.disposition.js';

/** More than any form of a real client has. Each character is looked at once. */
export const MAX_HEAD_BYTES = 1024;

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const TRANSFER_ENCODING = /^(?:7bit|8bit|binary)$/i;
const TOKEN = '[\\w!#$&^.+-]{1,64}';
const CONTENT_TYPE = new RegExp(`^(${TOKEN}/${TOKEN})((?:; ?${TOKEN}=(?:${TOKEN}|"${TOKEN}"))*)$`);
const CHARSET = /; ?charset="?([^;"]+)"?/gi;
const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'us-ascii']);

/** The head of a part, as the gateway understood it. */
export interface PartHead {
  readonly name: string;
  /** Whether it has a filename, so that readers take the part for a file. */
  readonly isFile: boolean;
  /** The same for the upstream, written by the gateway, with the blank line that ends it. */
  readonly text: string;
}

const unclear = (what: string): Error => invalidRequest(`The form has a part whose ${what} is not clear`);

/** @throws ApiError 400 for a type that is malformed, holds further parts, or names another charset */
function contentTypeOf(value: string): string {
  const type = CONTENT_TYPE.exec(value);
  if (type === null || /^multipart\/|^message\//i.test(value)) throw unclear('Content-Type');
  const charsets = [...(type[2] ?? '').matchAll(CHARSET)];
  if (charsets.length > 1 || charsets.some(([, charset]) => !CHARSETS.has(charset?.toLowerCase() ?? '')))
    throw invalidRequest('The form has a part in another charset; send utf-8 or us-ascii');
  return value;
}

/**
 * Reads the head of a part.
 * @param head its lines, without the blank line that ends it; at most {@link MAX_HEAD_BYTES}
 * @throws ApiError 400 where another reader could take the name, or the value that follows, for something else
 */
export function readPartHead(head: string): PartHead {
  let disposition: Disposition | undefined;
  let contentType: string | undefined;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!NAME.test(name)) throw unclear('header');
    const value = line.slice(colon + 1).trim();
    switch (name.toLowerCase()) {
      case 'content-disposition':
        if (disposition !== undefined) throw unclear('name');
        disposition = dispositionOf(value);
        break;
      case 'content-type':
        if (contentType !== undefined) throw unclear('Content-Type');
        contentType = contentTypeOf(value);
        break;
      case 'content-transfer-encoding':
        if (!TRANSFER_ENCODING.test(value)) throw unclear('encoding');
        break;
      default:
        // No other header of a part has a meaning (RFC 7578 4.8). It does not go on.
        break;
    }
  }
  if (disposition === undefined) throw unclear('name');
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
  const { name, isFile } = disposition;
  return { name, isFile, text: `Content-Disposition: ${disposition.text}\r\n${type}\r\n` };
}
