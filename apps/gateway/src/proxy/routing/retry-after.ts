/** RFC 9110 5.6.7, the form that is written today; the two obsolete ones say nothing here. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** How long an upstream is left alone that says it is overloaded, but not for how long. */
const DEFAULT_MS = 1000;
/** An upstream may not take itself out for longer by one answer. */
const MAX_MS = 60_000;

/**
 * How long an upstream that answered 429 or 503 wants to be left alone (RFC 9110 10.2.3).
 * @param retryAfter the header, in seconds or as a date
 * @param wallMs the time of day now, in milliseconds since 1970
 * @returns milliseconds, 0 to 60,000
 */
export function coolDownMs(retryAfter: string | undefined, wallMs: number): number {
  const text = retryAfter?.trim() ?? '';
  const askedMs = /^\d+$/.test(text)
    ? Number(text) * 1000
    : HTTP_DATE.test(text)
      ? Date.parse(text) - wallMs
      : Number.NaN;
  return Number.isNaN(askedMs) ? DEFAULT_MS : Math.min(Math.max(askedMs, 0), MAX_MS);
}
