import type { IncomingHttpHeaders } from 'node:http';
import { invalidCredential } from '../platform/errors/index.js';

const BEARER = /^Bearer +([^\s]+) *$/i;
/** Ours have some 400 characters. What is longer is refused before anybody decodes or hashes it. */
const MAX_LENGTH = 8192;

/** The credential of an `Authorization: Bearer` header (RFC 6750 2.1), or `undefined`. */
export function bearerTokenOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : BEARER.exec(header)?.[1];
}

/** `Authorization: Bearer` with the key of one of these headers. They hold a token as it is: Anthropic's clients, Azure's. */
const bearerOf = (key: string | string[] | undefined): string | undefined =>
  key === undefined ? undefined : `Bearer ${String(key)}`;

const differs = (a: string, b: string): boolean => a !== b && (bearerTokenOf(a) ?? a) !== (bearerTokenOf(b) ?? b);

/**
 * The credential of a data-plane request as an `Authorization` header: that header, or the token of `x-api-key` or
 * `api-key`. Several of them may be sent if they hold the same token.
 * @throws ApiError 401 where they differ: which of them the caller meant to be charged for is not known
 */
export function authorizationOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  const anthropic = headers['x-api-key'];
  const azure = headers['api-key'];
  // Nearly all requests have one credential. The checks below allocate.
  if (anthropic === undefined && azure === undefined) return authorization;
  let chosen = authorization;
  for (const key of [bearerOf(anthropic), bearerOf(azure)]) {
    if (key === undefined) continue;
    if (chosen !== undefined && differs(chosen, key))
      throw invalidCredential('several credentials that differ; send one of Authorization, x-api-key and api-key');
    chosen ??= key;
  }
  return chosen;
}

/**
 * The credential of an `Authorization: Bearer` header.
 * @throws ApiError 401 where there is none, or one that is longer than any token of ours
 */
export function requireBearerToken(header: string | undefined): string {
  if (header === undefined) throw invalidCredential('no credential was given');
  const token = bearerTokenOf(header);
  if (token === undefined) throw invalidCredential('the credential is no bearer token');
  if (token.length > MAX_LENGTH) throw invalidCredential('the token is too long');
  return token;
}
