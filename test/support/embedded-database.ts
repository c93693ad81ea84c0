import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { until } from './until.js';

/** The embedded Postgres of a data folder, seen from outside the gateway. */
export interface EmbeddedDatabase {
  readonly pid: number;
  readonly port: number;
  urlOf(database: string): string;
}

/** @returns `undefined` where no server runs on the folder */
export function findDatabase(dataDir: string): EmbeddedDatabase | undefined {
  const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
  if (!existsSync(pidFile)) return undefined;
  const lines = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim();
  return { pid, port, urlOf: database => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}` };
}

export async function query<T extends pg.QueryResultRow>(
  dataDir: string,
  sql: string,
  values: unknown[] = [],
  database = 'maas',
): Promise<T[]> {
  const found = findDatabase(dataDir);
  if (!found) throw new Error(`no Postgres server runs on ${dataDir}`);
  const client = new pg.Client({ connectionString: found.urlOf(database) });
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Ends the server that a killed gateway left behind. */
export async function endLeftDatabase(dataDir: string): Promise<void> {
  const left = findDatabase(dataDir);
  if (!left || !isRunning(left.pid)) return;
  process.kill(left.pid, 'SIGINT');
  await until('the left Postgres server ends', () => !isRunning(left.pid));
}

/** Whether a process runs. One that has ended and only waits for its parent to ask, or for init, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}
