const SECOND_MS = 1000;

let second = Number.NaN;
let text = '';

/** The time as HTTP writes it (RFC 9110 5.6.7), made once a second. @param nowMs since 1970 */
export function httpDate(nowMs: number): string {
  const now = Math.floor(nowMs / SECOND_MS);
  if (now !== second) {
    second = now;
    text = new Date(now * SECOND_MS).toUTCString();
  }
  return text;
}
