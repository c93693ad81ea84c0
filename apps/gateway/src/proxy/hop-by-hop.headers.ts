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

function named(headers: Headers): Set<string> {
  return new Set(
    [headers['connection']]
      .flat()
      .join(',')
      .split(',')
      .map(name => name.trim().toLowerCase()),
  );
}

function crossing(headers: Headers, stays: Set<string>): Record<string, string | string[]> {
  const connection = named(headers);
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_BY_HOP.has(name) || stays.has(name) || connection.has(name)) continue;
    result[name] = value;
  }
  return result;
}

/** What of a caller's headers an upstream may see. Names are lower case, as Node gives them. */
export const headersToUpstream = (headers: Headers): Record<string, string | string[]> =>
  crossing(headers, NOT_TO_UPSTREAM);

/** What of an upstream's headers a caller may see. */
export function headersToClient(headers: Headers): Record<string, string | string[]> {
  const result = crossing(headers, NOT_TO_CLIENT);
  for (const name of Object.keys(result)) if (name.startsWith('x-ratelimit-')) delete result[name];
  return result;
}
