import type { IncomingHttpHeaders } from 'node:http';

/** The head of a request. */
export interface PlainHead {
  readonly url: string;
  /** As node:http has them: by lower-case name, without the space around values. */
  readonly headers: IncomingHttpHeaders;
  /** What the head takes, with the blank line that ends it. */
  readonly bytes: number;
  /** What is to follow. */
  readonly bodyBytes: number;
}

/** As much as node:http reads of a head. */
const MAX_HEAD_BYTES = 16 * 1024;
const METHOD = 'POST ';
const VERSION = ' HTTP/1.1';
const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';

const TARGET = /^\/[\x21-\x7e]*$/;
/** Tokens that begin like a word: what else is allowed is hardly meant. */
const NAME = /^[a-z\d][\w!#$%&'*+.^`|~-]*$/i;
const INVISIBLE = /[^\x20-\x7e\r\n]/;
const LENGTH = /^[1-9]\d{0,8}$/;

/** What says how a message is framed, or what is to be done before it is answered. */
const NOT_PLAIN = [
  'transfer-encoding',
  'content-encoding',
  'expect',
  'upgrade',
  'trailer',
  'proxy-connection',
] as const;

/** Names as they are written, and in lower case: what comes with each request need not be looked at anew. */
const known = new Map<string, string>();
const MAX_KNOWN = 256;

function keyOf(name: string): string | undefined {
  const key = known.get(name);
  if (key !== undefined || !NAME.test(name)) return key;
  const lower = name.toLowerCase();
  // A copy, because a text that was cut out of a request keeps all of it alive.
  if (known.size < MAX_KNOWN) known.set(Buffer.from(name).toString('latin1'), Buffer.from(lower).toString('latin1'));
  return lower;
}

/** @param head as far as the end of its last line */
function headersIn(head: string, from: number): IncomingHttpHeaders | undefined {
  if (INVISIBLE.test(head)) return undefined;
  const headers: IncomingHttpHeaders = {};
  for (let at = from; at < head.length;) {
    const lineEnd = head.indexOf('\r', at);
    // Neither of the two stands alone.
    if (lineEnd === -1 || head.indexOf('\n', at) !== lineEnd + 1) return undefined;
    const colon = head.indexOf(':', at);
    if (colon === -1 || colon > lineEnd) return undefined;
    const key = keyOf(head.slice(at, colon));
    if (key === undefined || headers[key] !== undefined) return undefined;
    headers[key] = head.slice(colon + 1, lineEnd).trim();
    at = lineEnd + LINE_END.length;
  }
  return headers;
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const { host, connection } = headers;
  if (host === undefined || host === '') return false;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return false;
  return NOT_PLAIN.every(name => headers[name] === undefined);
}

/**
 * Reads the head of a POST that is written so plainly that no two readers could take it for different requests: each header
 * once, in visible ASCII, on a line of its own, and one length in digits.
 * @param bytes from the beginning of the request
 * @returns nothing where it is written in another way, or not whole; somebody who knows all of HTTP must read it then
 */
export function readPlainHead(bytes: Buffer): PlainHead | undefined {
  const text = bytes.toString('latin1', 0, MAX_HEAD_BYTES);
  const end = text.indexOf(HEAD_END);
  if (end === -1 || !text.startsWith(METHOD)) return undefined;
  const lineEnd = text.indexOf(LINE_END);
  if (lineEnd === end || !text.endsWith(VERSION, lineEnd)) return undefined;
  const url = text.slice(METHOD.length, lineEnd - VERSION.length);
  if (!TARGET.test(url)) return undefined;
  const headers = headersIn(text.slice(0, end + LINE_END.length), lineEnd + LINE_END.length);
  if (headers === undefined || !isPlain(headers)) return undefined;
  const length = headers['content-length'];
  if (length === undefined || !LENGTH.test(length)) return undefined;
  return {
    url,
    headers,
    bytes: end + HEAD_END.length,
    bodyBytes: Number(length),
  };
}
