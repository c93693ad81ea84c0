import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartupError } from '../config/environment.js';
import { type DataFolderLock, lockDataFolder } from './data-folder.lock.js';
import { findEmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';

/** Where a database is: what `DATABASE_URL` and `MAAS_DATA_DIR` say. */
export interface DatabasePlace {
  DATABASE_URL?: string | undefined;
  MAAS_DATA_DIR: string;
}

/**
 * Does a piece of work with the gateway's database, for a program that stands alone. Where the database is the embedded
 * one, a server that runs already is joined, so that a gateway need not be stopped; else it is started for the time.
 * @param place which database
 * @param ifMissing whether to make a database where the data folder holds none
 * @param work is given the connection URL, which holds the password
 * @throws StartupError where there is no database to work with
 */
export async function withDatabase<T>(
  { DATABASE_URL, MAAS_DATA_DIR }: DatabasePlace,
  ifMissing: 'make' | 'refuse',
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (DATABASE_URL !== undefined) return work(DATABASE_URL);
  if (ifMissing === 'refuse' && !existsSync(join(MAAS_DATA_DIR, 'postgres')))
    throw new StartupError(`MAAS_DATA_DIR: ${resolve(MAAS_DATA_DIR)} holds no database; allowed is a gateway's folder`);
  let lock: DataFolderLock;
  try {
    lock = lockDataFolder(MAAS_DATA_DIR);
  } catch (error) {
    const url = await findEmbeddedPostgres(MAAS_DATA_DIR);
    if (url === undefined) throw error;
    return work(url);
  }
  try {
    const postgres = await startEmbeddedPostgres(MAAS_DATA_DIR, () => undefined);
    try {
      return await work(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    lock.release();
  }
}
