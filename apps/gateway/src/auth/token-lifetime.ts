import { formatDuration, parseDuration } from '../platform/config/index.js';
import { invalidExpiration } from '../platform/errors/index.js';

const MIN_MS = 1000;

const millisecondsOf = (expiration: unknown): number | undefined => {
  if (typeof expiration === 'number') return expiration * 1000;
  return typeof expiration === 'string' ? parseDuration(expiration) : undefined;
};

/**
 * The lifetime that a caller asks for, in whole seconds as tokens count them.
 * @param expiration a Go duration or a number of seconds; nothing means `defaultMs`
 * @throws ApiError 400 `invalid_expiration`, naming what is allowed
 */
export function lifetimeMs(expiration: unknown, defaultMs: number, maxMs: number): number {
  if (expiration === undefined || expiration === null) return defaultMs;
  const ms = millisecondsOf(expiration);
  if (ms === undefined || !Number.isFinite(ms) || ms < MIN_MS || ms > maxMs) {
    throw invalidExpiration(
      `expiration must be a duration such as 15m or a number of seconds, from 1s to ${formatDuration(maxMs)}`,
    );
  }
  return Math.floor(ms / 1000) * 1000;
}
