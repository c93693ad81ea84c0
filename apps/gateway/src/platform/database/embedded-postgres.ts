import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { StartupError } from '../config/environment.js';
import { ensureCluster, type Cluster } from './postgres-cluster.js';
import { keepPostgres } from './postgres-keeper.js';
import { findServer, joinServer, launchServer, type PostgresServer, urlOf } from './postgres-server.js';

export interface EmbeddedPostgres {
  /** Connection URL; it holds the password. */
  readonly url: string;
  /** The server was left running by a process that was killed. */
  readonly adopted: boolean;
  /** Stops the server: sessions are ended, what was committed is on disk. */
  stop(): Promise<void>;
}

export type Log = (message: string) => void;

const DATABASE = 'maas';
const LAUNCH_ATTEMPTS = 3;

/**
 * Starts the Postgres server of a data folder, or adopts the one that a killed process left there, and starts it again
 * where it dies. The folder's lock (`lockDataFolder`) must be held.
 * @param dataDir holds `postgres/`, `postgres-password` and the server's own `postgres.log`
 * @throws StartupError with one line that names MAAS_DATA_DIR
 */
export async function startEmbeddedPostgres(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
  const cluster = ensureCluster(dataDir, log);
  const left = await findServer(cluster);
  if (left) {
    log(`adopted the Postgres server ${left.pid} that an earlier process left running`);
    return handle(cluster, left, true, log);
  }
  for (let attempt = 1; ; attempt += 1) {
    const server = await launchServer(cluster);
    if (server) return handle(cluster, server, false, log);
    if (attempt === LAUNCH_ATTEMPTS) {
      throw new StartupError(
        `MAAS_DATA_DIR: the embedded Postgres does not start; ${join(dataDir, 'postgres.log')} says why`,
      );
    }
  }
}

/**
 * The server that another process runs on the data folder.
 * @returns its connection URL, which holds the password, or `undefined` where none answers
 */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | undefined> {
  if (!existsSync(join(dataDir, 'postgres'))) return undefined;
  const cluster = ensureCluster(dataDir, () => undefined);
  const server = await joinServer(cluster);
  return server && urlOf(cluster, server.port, DATABASE);
}

async function handle(cluster: Cluster, server: PostgresServer, adopted: boolean, log: Log): Promise<EmbeddedPostgres> {
  const client = new pg.Client({ connectionString: urlOf(cluster, server.port, 'postgres') });
  await client.connect();
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  await client.end();
  return { url: urlOf(cluster, server.port, DATABASE), adopted, stop: keepPostgres(cluster, server, log) };
}
