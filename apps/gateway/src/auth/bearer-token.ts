import type { IncomingHttpHeaders } from 'node:http';
import { invalidCredential } from '../platform/errors/index.js';

const BEARER = /^Bearer +([^\s]+) *$/i;
/** Ours have some 400 characters. What is longer is refused before anybody decodes or hashes it. */
const MAX_LENGTH = 8192;

/** The credential of an `Authorization: Bearer` header (RFC 6750 2.1), or `undefined`. */
export function bearerTokenOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : BEARER.exec(header)?.[1];
}

/**
 * The header that a caller of the data plane has their token in: clients of Anthropic's API send it as `x-api-key`, as it
 * is.
 */
export function authorizationOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  const key = headers['x-api-key'];
  return authorization === undefined && typeof key === 'string' ? `Bearer ${key}` : authorization;
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
