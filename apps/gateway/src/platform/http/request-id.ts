import { uuidV7 } from '../identifiers/index.js';

const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's own request id where it is well-formed, else a new UUIDv7. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && ACCEPTED.test(header) ? header : uuidV7();
}
