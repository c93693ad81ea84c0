import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartupError } from '../config/environment.js';
import { makeFolder } from '../folders/index.js';
import { isRunning, processStartTicks } from './process-identity.js';

export interface DataFolderLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Tells the holder from a later process with the same number; absent where the system does not say. */
  readonly startTicks?: string;
}

/**
 * Takes a data folder for this process, and makes it where it is missing. Two gateways on one folder would share a
 * journal and a database server, and each would stop the other's. The lock of a killed process is taken over.
 * @throws StartupError naming MAAS_DATA_DIR, and the process that holds the folder or why it cannot be written
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const folder = resolve(dataDir);
  const lock = join(folder, 'gateway.lock');
  const claim = `${lock}.${process.pid}`;
  const self: Holder = { pid: process.pid, startTicks: processStartTicks(process.pid) };
  try {
    // Under root the server runs as another account, which has to pass through.
    makeFolder(folder, process.getuid?.() === 0 ? 0o711 : 0o700);
    writeFileSync(claim, JSON.stringify(self), { mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartupError(
      `MAAS_DATA_DIR: ${folder} cannot be written (${code ?? message}); allowed is a folder that can be`,
      {
        cause: error,
      },
    );
  }
  try {
    if (!linkOnce(claim, lock)) takeOver(claim, lock, folder);
  } finally {
    rmSync(claim, { force: true });
  }
  return {
    release() {
      if (holds(readHolder(lock), self)) rmSync(lock, { force: true });
    },
  };
}

/** Only one process at a time may replace a dead holder, or the second would replace the first's new lock. */
function takeOver(claim: string, lock: string, folder: string): void {
  const turn = `${lock}.turn`;
  refuseIfLive(lock, folder);
  if (!linkOnce(claim, turn)) {
    refuseIfLive(turn, folder);
    rmSync(turn, { force: true });
    if (!linkOnce(claim, turn)) refuseIfLive(turn, folder);
  }
  try {
    refuseIfLive(lock, folder);
    renameSync(claim, lock);
  } finally {
    rmSync(turn, { force: true });
  }
}

function refuseIfLive(file: string, folder: string): void {
  const holder = readHolder(file);
  if (holder && isLive(holder)) {
    throw new StartupError(
      `MAAS_DATA_DIR: ${folder} is in use by process ${holder.pid}; allowed is a folder of its own`,
    );
  }
}

function isLive({ pid, startTicks }: Holder): boolean {
  return isRunning(pid) && (startTicks === undefined || startTicks === processStartTicks(pid));
}

function holds(holder: Holder | undefined, self: Holder): boolean {
  return holder?.pid === self.pid && holder.startTicks === self.startTicks;
}

/** @returns `undefined` where there is no lock, or none that a gateway wrote whole */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the file whole or not at all. @returns false where it is there already */
function linkOnce(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
