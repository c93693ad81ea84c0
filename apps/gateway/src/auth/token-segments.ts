// Looks into a token that nobody has verified: good for choosing whom to ask, never for believing what it says.

/** The header (0) or the payload (1) of a JWT, or `undefined` where the text is none. */
function segmentOf(token: string, index: 0 | 1): Record<string, unknown> | undefined {
  const segments = token.split('.');
  if (segments.length !== 3) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(segments[index] ?? '', 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // No JWT; the caller goes on to say so.
  }
}

/** The key that the token names. Unverified. */
export function keyIdOf(token: string): string | undefined {
  const kid = segmentOf(token, 0)?.['kid'];
  return typeof kid === 'string' ? kid : undefined;
}

/** The issuer that the token names. Unverified. */
export function issuerOf(token: string): unknown {
  return segmentOf(token, 1)?.['iss'];
}
