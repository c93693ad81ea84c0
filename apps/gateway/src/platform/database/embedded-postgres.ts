import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '../config/environment.js';
import { ensureCluster, type Cluster } from './postgres-cluster.js';
import { isRunning, workingFolder } from './process-identity.js';
import { launchPostgres } from './postgres-launch.js';

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
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 25;
const LAUNCH_ATTEMPTS = 3;
/** SQLSTATE of a server that is starting up, shutting down or recovering. */
const CANNOT_CONNECT_NOW = '57P03';

/**
 * Starts the Postgres server of a data folder, or adopts the one that a killed process left there. The folder's
 * lock (`lockDataFolder`) must be held.
 * @param dataDir holds `postgres/`, `postgres-password` and the server's own `postgres.log`
 * @throws StartupError with one line that names MAAS_DATA_DIR
 */
export async function startEmbeddedPostgres(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
  const cluster = ensureCluster(dataDir, log);
  const left = await findServer(cluster);
  if (left) {
    log(`adopted the Postgres server ${left.pid} that an earlier process left running`);
    return handle(cluster, left, true);
  }
  for (let attempt = 1; ; attempt += 1) {
    const server = await launch(cluster);
    if (server) return handle(cluster, server, false);
    if (attempt === LAUNCH_ATTEMPTS) {
      throw new StartupError(
        `MAAS_DATA_DIR: the embedded Postgres does not start; ${join(dataDir, 'postgres.log')} says why`,
      );
    }
  }
}

interface Server {
  readonly pid: number;
  readonly port: number;
}

async function handle(cluster: Cluster, server: Server, adopted: boolean): Promise<EmbeddedPostgres> {
  const client = new pg.Client({ connectionString: urlOf(cluster, server.port, 'postgres') });
  await client.connect();
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  await client.end();
  return { url: urlOf(cluster, server.port, DATABASE), adopted, stop: () => stop(cluster, server.pid) };
}

/** The live server of the cluster, once it answers; one that is shutting down is waited for. */
async function findServer(cluster: Cluster): Promise<Server | undefined> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const noted = readPidFile(cluster);
    if (!noted) return undefined;
    if (!serves(cluster, noted.pid)) {
      // The number of a killed server may be another process's by now, and Postgres would refuse to start over it.
      rmSync(pidFile(cluster), { force: true });
      return undefined;
    }
    if (noted.port !== undefined && (await answers(cluster, noted.port))) return { pid: noted.pid, port: noted.port };
    if (Date.now() > deadline) {
      throw new StartupError(`MAAS_DATA_DIR: process ${noted.pid} holds ${cluster.folder} and does not answer`);
    }
    await delay(POLL_MS);
  }
}

/** @returns `undefined` where the server ended at once, as when another program took the port first */
async function launch(cluster: Cluster): Promise<Server | undefined> {
  const launched = await launchPostgres(cluster);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!launched.ended()) {
    if (await answers(cluster, launched.port)) return { pid: launched.pid, port: launched.port };
    if (Date.now() > deadline) return undefined;
    await delay(POLL_MS);
  }
  return undefined;
}

async function stop(cluster: Cluster, pid: number): Promise<void> {
  if (!serves(cluster, pid)) return;
  // SIGINT is Postgres' fast shutdown: it does not wait for sessions to end by themselves.
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (serves(cluster, pid)) {
    if (Date.now() > deadline) throw new Error(`Postgres server ${pid} does not stop`);
    await delay(POLL_MS);
  }
}

async function answers(cluster: Cluster, port: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(cluster, port, 'postgres'), connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== undefined && /^\w{5}$/.test(code) && code !== CANNOT_CONNECT_NOW && !code.startsWith('E')) {
      throw new StartupError(`MAAS_DATA_DIR: the embedded Postgres refuses its own password (SQLSTATE ${code})`, {
        cause: error,
      });
    }
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function serves(cluster: Cluster, pid: number): boolean {
  if (!isRunning(pid)) return false;
  const folder = workingFolder(pid);
  return folder === undefined || folder === realpathSync(cluster.folder);
}

function pidFile(cluster: Cluster): string {
  return join(cluster.folder, 'postmaster.pid');
}

/** Reads postmaster.pid: the process on its first line, the port on its fourth once the server has got so far. */
function readPidFile(cluster: Cluster): { pid: number; port: number | undefined } | undefined {
  if (!existsSync(pidFile(cluster))) return undefined;
  const lines = readFileSync(pidFile(cluster), 'utf8').split('\n');
  const port = Number.parseInt(lines[3] ?? '', 10);
  return { pid: Number.parseInt(lines[0] ?? '', 10), port: Number.isNaN(port) ? undefined : port };
}

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://postgres:${cluster.password}@127.0.0.1:${port}/${database}`;
}
