import { CREDENTIALS, HOP_BY_HOP } from '../platform/headers/index.js';

// What belongs to one connection never crosses, nor does whatever `Connection` names.

/**
 * Headers in a row, each name followed by its value: what Node and undici write as it stands. An object of them would
 * have to be made, gone through and copied once more on each side.
 */
export type HeaderList = string[];

type Headers = Record<string, string | string[] | undefined>;

/** Besides credentials, what the gateway sets itself. */
const NOT_TO_UPSTREAM: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...CREDENTIALS,
  'host',
  'content-length',
  'content-type',
  'accept-encoding',
  'expect',
  'x-request-id',
  // Some servers refuse requests of a page that they do not know; the gateway has decided that already.
  'origin',
]);

/** An upstream's credentials and limits are its own, and these headers are set by the gateway. */
const NOT_TO_CLIENT: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...CREDENTIALS,
  'set-cookie',
  'www-authenticate',
  'content-length',
  'x-request-id',
  'date',
  'server',
  'retry-after',
  'x-should-retry',
  // Which pages may read an answer is the gateway's to say.
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
]);

const NONE: ReadonlySet<string> = new Set();

function namedBy(connection: string | string[] | undefined): ReadonlySet<string> {
  // What nearly every connection says of itself names no header.
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NONE;
  const names = [connection].flat().join(',').split(',');
  return new Set(names.map(name => name.trim().toLowerCase()));
}

function push(list: HeaderList, name: string, value: string | string[]): void {
  if (typeof value === 'string') list.push(name, value);
  else for (const one of value) list.push(name, one);
}

/**
 * What of a caller's headers an upstream may see. Names are lower case, as Node gives them.
 * @param own what the upstream is sent of its own; a header of such a name stays here
 */
export function headersToUpstream(headers: Headers, own: Readonly<Record<string, string>>): HeaderList {
  const connection = namedBy(headers['connection']);
  const crossing: HeaderList = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || NOT_TO_UPSTREAM.has(name) || name in own || connection.has(name)) continue;
    push(crossing, name, value);
  }
  return crossing;
}

/** Headers about limits and usage: those of an upstream are about the gateway's account there, not about the caller. */
const isAboutLimits = (name: string): boolean =>
  name.startsWith('x-ratelimit-') ||
  name.startsWith('ratelimit') ||
  name.startsWith('anthropic-ratelimit-') ||
  name.startsWith('x-odhu-');

/** What of an upstream's headers a caller may see. @param decoded where the answer was encoded and no longer is */
export function headersToClient(headers: Headers, decoded = false): HeaderList {
  const connection = namedBy(headers['connection']);
  const crossing: HeaderList = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || NOT_TO_CLIENT.has(name) || isAboutLimits(name) || connection.has(name)) continue;
    if (!(decoded && name === 'content-encoding')) push(crossing, name, value);
  }
  return crossing;
}
