import { readFileSync } from 'node:fs';

const SOFT_LIMIT = /^Max open files +(\d+)/m;

/** @returns how many files and sockets the process may have open, or undefined where the platform does not say */
export function openFilesLimit(path = '/proc/self/limits'): number | undefined {
  try {
    const soft = SOFT_LIMIT.exec(readFileSync(path, 'utf8'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined; // Only Linux has the file.
  }
}

const DEFAULT_CONNECTIONS = 20_000;
/** The database, the journal, the listeners and Node itself. */
const OWN_FILES = 200;

/**
 * The default of MAAS_MAX_CONNECTIONS. Each request needs a connection to an upstream as well, and a process that has no
 * file left can neither reach an upstream nor say so.
 */
export const defaultMaxConnections = (openFiles: number | undefined): number =>
  Math.max(1, Math.min(DEFAULT_CONNECTIONS, Math.floor(((openFiles ?? Infinity) - OWN_FILES) / 2)));
