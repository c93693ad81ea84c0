import { z } from 'zod';
import { formatDuration, parseDuration } from '../platform/config/index.js';
import type { StoredUpstream, UpstreamChange } from './stored-model.js';

const MIN_MS = 10;
const MAX_MS = 86_400_000;

const isTimeout = (text: string): boolean => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= MIN_MS && ms <= MAX_MS;
};
const timeout = z.string().refine(isTimeout, 'must be a Go duration from 10ms to 24h, such as 30s').nullable();

/** As Go durations; null is what the gateway's own configuration says. */
export const timeoutsSchema = z.strictObject({
  connect: timeout.describe('To reach it'),
  firstByte: timeout.describe('Until its answer begins'),
  idle: timeout.describe('Between two pieces of an answer'),
});
/** What is left out stays. */
export const timeoutsChangeSchema = timeoutsSchema.partial();

/** Milliseconds; what was left out is left out. */
const msOf = (text: string | null): number | null => (text === null ? null : Math.round(parseDuration(text) ?? 0));
const textOf = (ms: number | null): string | null => (ms === null ? null : formatDuration(ms));

export const timeoutsFromTheWire = ({
  connect,
  firstByte,
  idle,
}: z.output<typeof timeoutsChangeSchema> = {}): UpstreamChange => ({
  ...(connect !== undefined && { connectTimeoutMs: msOf(connect) }),
  ...(firstByte !== undefined && { firstByteTimeoutMs: msOf(firstByte) }),
  ...(idle !== undefined && { idleTimeoutMs: msOf(idle) }),
});

export const timeoutsOnTheWire = (upstream: StoredUpstream): z.output<typeof timeoutsSchema> => ({
  connect: textOf(upstream.connectTimeoutMs),
  firstByte: textOf(upstream.firstByteTimeoutMs),
  idle: textOf(upstream.idleTimeoutMs),
});
