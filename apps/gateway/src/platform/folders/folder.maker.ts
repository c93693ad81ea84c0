import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and the parents that are missing, one by one. `mkdirSync` with `recursive` must not be used for what an
 * operator names: where a folder can be made neither now nor after its parents, as in /proc, it tries for ever, and no
 * signal reaches the process any more.
 * @param mode of each folder that is made; one that is there already keeps its own
 * @throws the system's own error (`ENOENT`, `ENOTDIR`, `EACCES`, …) where a folder cannot be made
 */
export function makeFolder(path: string, mode?: number): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (!isThere(parent)) makeFolder(parent, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder(folder)) throw error;
  }
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
