const BEARER = /^Bearer +([^\s]+) *$/i;

/** The credential of an `Authorization: Bearer` header (RFC 6750 2.1), or `undefined`. */
export function bearerTokenOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : BEARER.exec(header)?.[1];
}
