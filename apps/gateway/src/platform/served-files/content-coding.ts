/** The codings that responses are offered in, the preferred one first. */
const CODINGS = ['br', 'gzip'] as const;
export type ContentCoding = (typeof CODINGS)[number];

/** Weights with at most three decimals (RFC 9110 12.4.2); anything else counts as "not acceptable". */
const WEIGHT = /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;
/** A longer header is answered without compression: no client sends one, and this bounds the work. */
const MAX_LENGTH = 1024;

function weightOf(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  return WEIGHT.test(parameter) ? Number(parameter.slice(2)) : 0;
}

/**
 * Returns the coding to answer with, by the request's Accept-Encoding (RFC 9110 12.5.3), or `undefined` for no coding.
 * A response without a coding is always allowed here, even where the client refuses it: that is better than no response.
 */
export function preferredCoding(acceptEncoding: string | undefined): ContentCoding | undefined {
  if (acceptEncoding === undefined || acceptEncoding.length > MAX_LENGTH) return undefined;
  const weights = new Map<string, number>();
  for (const item of acceptEncoding.split(',')) {
    const [name = '', parameter] = item.split(';', 2).map(part => part.trim());
    weights.set(name.toLowerCase(), weightOf(parameter));
  }
  let best: ContentCoding | undefined;
  let bestWeight = 0;
  for (const coding of CODINGS) {
    const weight = weights.get(coding) ?? weights.get('*') ?? 0;
    if (weight > bestWeight) [best, bestWeight] = [coding, weight];
  }
  return best;
}
