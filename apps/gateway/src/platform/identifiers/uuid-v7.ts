import { randomUUID } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** The last characters are counted up: three bytes. */
const COUNTED = 6;
const LAST_COUNT = 0xffffff;
/** Where a UUID has what comes after its version. */
const AFTER_VERSION = 15;

let stem = '';
let stemMs = Number.NaN;
let count = 0;

/** Draws anew all that is random; counting begins in the lower half. */
function renew(nowMs: number): void {
  const time = nowMs.toString(16).padStart(12, '0');
  const random = randomUUID();
  stem = `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(AFTER_VERSION, -COUNTED)}`;
  count = Number.parseInt(random.slice(-COUNTED), 16) >>> 1;
  stemMs = nowMs;
}

/**
 * A UUIDv7: milliseconds since 1970, then 74 random bits, of which the last 24 are counted up within a millisecond
 * (RFC 9562 6.2, method 2). In a fifth of the time that the package `uuid` takes. Unique, and no secret.
 */
export function uuidV7(nowMs = Date.now()): string {
  if (nowMs !== stemMs || count > LAST_COUNT) renew(nowMs);
  const n = count++;
  return `${stem}${HEX[n >>> 16]}${HEX[(n >>> 8) & 0xff]}${HEX[n & 0xff]}`;
}
