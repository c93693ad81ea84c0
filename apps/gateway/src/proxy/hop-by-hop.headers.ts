import { CREDENTIALS, HOP_BY_HOP } from '../platform/headers/index.js';

// What belongs to one connection never crosses, nor does whatever `Connection` names.

/** Credentials, and what the gateway sets itself. */
const NOT_TO_UPSTREAM = new Set([
  ...CREDENTIALS,
  'host',
  'content-length',
  'accept-encoding',
  'expect',
  'x-request-id',
]);

/** An upstream's credentials and limits are its own, and these headers are set by the gateway. */
const NOT_TO_CLIENT = new Set([
  ...CREDENTIALS,
  'set-cookie',
  'www-authenticate',
  'content-length',
  'x-request-id',
  'date',
  'server',
  'retry-after',
  'x-should-retry',
]);

type Headers = Record<string, string | string[] | undefined>;
type CrossingHeaders = Record<string, string | string[]>;

const NONE: ReadonlySet<string> = new Set();

function namedBy(connection: string | string[] | undefined): ReadonlySet<string> {
  // What nearly every connection says of itself names no header.
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NONE;
  const names = [connection].flat().join(',').split(',');
  return new Set(names.map(name => name.trim().toLowerCase()));
}

function crossing(headers: Headers, stays: (name: string) => boolean): CrossingHeaders {
  const connection = namedBy(headers['connection']);
  const result: CrossingHeaders = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || HOP_BY_HOP.has(name) || stays(name) || connection.has(name)) continue;
    result[name] = value;
  }
  return result;
}

const staysHere = (name: string): boolean => NOT_TO_UPSTREAM.has(name);
const staysThere = (name: string): boolean => NOT_TO_CLIENT.has(name) || name.startsWith('x-ratelimit-');

/** What of a caller's headers an upstream may see, as an object of the receiver's own. Names are lower case, as Node gives them. */
export const headersToUpstream = (headers: Headers): CrossingHeaders => crossing(headers, staysHere);

/** What of an upstream's headers a caller may see, as an object of the receiver's own. */
export const headersToClient = (headers: Headers): CrossingHeaders => crossing(headers, staysThere);
