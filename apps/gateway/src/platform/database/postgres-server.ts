import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '../config/environment.js';
import type { Cluster } from './postgres-cluster.js';
import { launchPostgres } from './postgres-launch.js';
import { isRunning, workingFolder } from './process-identity.js';

/** A running server of a cluster. */
export interface PostgresServer {
  readonly pid: number;
  readonly port: number;
}

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 25;
/** SQLSTATE of a server that is starting up, shutting down or recovering. */
const CANNOT_CONNECT_NOW = '57P03';

/** The live server of the cluster, once it answers; one that is shutting down is waited for. */
export async function findServer(cluster: Cluster): Promise<PostgresServer | undefined> {
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

/** The live server of a cluster that another process looks after, if it answers; nothing of that process's is touched. */
export async function joinServer(cluster: Cluster): Promise<PostgresServer | undefined> {
  const noted = readPidFile(cluster);
  if (noted?.port === undefined || !serves(cluster, noted.pid)) return undefined;
  return (await answers(cluster, noted.port)) ? { pid: noted.pid, port: noted.port } : undefined;
}

/**
 * @param port a free one where absent
 * @returns `undefined` where the server ended at once, as when another program took the port first
 */
export async function launchServer(cluster: Cluster, port?: number): Promise<PostgresServer | undefined> {
  const launched = await launchPostgres(cluster, port);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!launched.ended()) {
    if (await answers(cluster, launched.port)) return { pid: launched.pid, port: launched.port };
    if (Date.now() > deadline) return undefined;
    await delay(POLL_MS);
  }
  return undefined;
}

/** Ends the sessions and then the server; what was committed is on disk. */
export async function stopServer(cluster: Cluster, pid: number): Promise<void> {
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

/** Whether the process is the cluster's server, and not another that was given its number. */
export function serves(cluster: Cluster, pid: number): boolean {
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

/** Connection URL; it holds the password. */
export function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://postgres:${cluster.password}@127.0.0.1:${port}/${database}`;
}
