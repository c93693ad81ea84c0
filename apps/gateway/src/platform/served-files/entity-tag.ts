/** A longer header is treated as no match, which costs one transfer; this bounds the work. */
const MAX_LENGTH = 4096;

/**
 * Says whether an If-None-Match header names the tag, by weak comparison (RFC 9110 13.1.2), so that 304 is the answer.
 * @param tag a strong tag with its quotes; it must hold no comma
 */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > MAX_LENGTH) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some(item => {
    const given = item.trim();
    return given === tag || given === `W/${tag}`;
  });
}
