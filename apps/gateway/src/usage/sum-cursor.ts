import { invalidRequest } from '../platform/errors/index.js';
import type { GroupKey } from './usage.schemas.js';

type KeyColumn = GroupKey | 'credentialType';

/** The columns of keys, in the order of the sums. */
const columnsOf = (keys: readonly GroupKey[]): KeyColumn[] =>
  keys.flatMap((key): KeyColumn[] => (key === 'credential' ? ['credentialType', 'credential'] : [key]));

/**
 * The place of a sum among those of the same keys, opaque to callers. It is made of what the keys are in that sum and not
 * of how many sums come before it, so that new ones neither move it nor repeat what was read.
 */
export function cursorOf(row: Partial<Record<KeyColumn, string>>, keys: readonly GroupKey[]): string {
  const values = columnsOf(keys).map(column => row[column] ?? '');
  return Buffer.from(JSON.stringify([keys.join(), ...values])).toString('base64url');
}

/**
 * What the keys are at the place of a cursor, column by column.
 * @throws ApiError 400 where it is no cursor of sums by these keys
 */
export function placeOf(cursor: string, keys: readonly GroupKey[]): string[] {
  const [madeFor, ...values] = parse(cursor);
  const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
  if (keys.length === 0 || madeFor !== keys.join() || values.length !== columnsOf(keys).length || !values.every(isText))
    throw notOurs();
  return values;
}

function parse(cursor: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    throw notOurs();
  }
}

const notOurs = () => invalidRequest('after: is no cursor of these sums', 'after');
