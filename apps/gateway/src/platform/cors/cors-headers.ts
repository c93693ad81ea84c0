import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { HOP_BY_HOP } from '../headers/index.js';

/** As `writeHead` takes them: by name, or in a row, each name followed by its value. */
export type GivenHeaders = OutgoingHttpHeaders | readonly OutgoingHttpHeader[];

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const MAX_AGE_S = '600';
const EXPOSED = [
  'x-request-id',
  'retry-after',
  'x-should-retry',
  'www-authenticate',
  'ratelimit',
  'ratelimit-policy',
  ...['requests', 'tokens'].flatMap(unit => ['limit', 'remaining', 'reset'].map(of => `x-ratelimit-${of}-${unit}`)),
  ...['input', 'output', 'total'].map(of => `x-odhu-usage-${of}-tokens`),
  'x-upstream-attempts',
].join(', ');

/** More than any SDK sends. */
const MAX_NAMES = 64;
const NAME = /^[\w!#$%&'*+.^`|~-]{1,64}$/;
/** Headers that are not a page's to send: those of the connection, of proxies, and cookies. */
const WITHHELD = /^(?:cookie|host|content-length|forwarded|via|x-forwarded-.*|x-real-ip)$/;

/** @param asked `Access-Control-Request-Headers`. @returns the names of it that a page may send */
export const allowedHeaders = (asked: string): string =>
  asked
    .toLowerCase()
    .split(',', MAX_NAMES)
    .map(name => name.trim())
    .filter(name => NAME.test(name) && !WITHHELD.test(name) && !HOP_BY_HOP.has(name))
    .join(', ');

/** The headers of an answer to a preflight request. */
export const preflightHeaders = (origin: string, asked: string | undefined): string[] => [
  'access-control-allow-origin',
  origin,
  'access-control-allow-methods',
  METHODS,
  ...(asked === undefined ? [] : ['access-control-allow-headers', allowedHeaders(asked)]),
  'access-control-max-age',
  MAX_AGE_S,
  'vary',
  'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
];

/** `Vary` with `Origin` in it. */
const varyWith = (given: readonly string[]): string =>
  given.some(value => /(?:^|,)\s*(?:origin|\*)\s*(?:,|$)/i.test(value))
    ? given.join(', ')
    : [...given, 'Origin'].join(', ');

function* pairsOf(given: GivenHeaders): Generator<[string, OutgoingHttpHeader]> {
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) if (value !== undefined) yield [name, value];
    return;
  }
  const row = given as readonly OutgoingHttpHeader[];
  for (let at = 0; at + 1 < row.length; at += 2) yield [String(row[at]), row[at + 1] ?? ''];
}

/**
 * The headers of an answer with those of CORS.
 * @param given what the answer has by itself
 * @param vary what was set of `Vary` before
 * @param origin the allowed origin, or undefined where the request's is not allowed
 */
export function withCors(
  given: GivenHeaders,
  vary: readonly string[],
  origin: string | undefined,
): OutgoingHttpHeader[] {
  const row: OutgoingHttpHeader[] = [];
  const varies = [...vary];
  for (const [name, value] of pairsOf(given)) {
    if (name.toLowerCase() === 'vary') varies.push(String(value));
    else for (const one of [value].flat()) row.push(name, one);
  }
  row.push('vary', varyWith(varies));
  if (origin !== undefined) row.push('access-control-allow-origin', origin, 'access-control-expose-headers', EXPOSED);
  return row;
}
