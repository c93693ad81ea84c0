import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { ensureCluster } from './postgres-cluster.js';
import { launchServer } from './postgres-server.js';

const quiet = () => undefined;

describe('the embedded Postgres', () => {
  let folder: string;
  let running: EmbeddedPostgres | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maas-postgres-'));
    chmodSync(folder, 0o700);
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<EmbeddedPostgres> => (running = await startEmbeddedPostgres(folder, quiet));

  const query = async (url: string, sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  const serverPid = () => Number.parseInt(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8'), 10);

  it('keeps its data between runs, in a folder that nobody else may enter', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(existsSync(join(folder, 'postgres', 'postmaster.pid'))).toBe(false);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(statSync(join(folder, 'postgres-password')).mode & 0o777).toBe(0o600);
  });

  it('adopts the server that an earlier process left running', async () => {
    await (await start()).stop();
    const left = await launchServer(ensureCluster(folder, quiet));
    const adopting = await start();
    expect(adopting.adopted).toBe(true);
    expect(adopting.url).toContain(`:${left?.port}/`);
    await adopting.stop();
    await expect(query(adopting.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('starts over what a killed server left behind, whoever has its number now', async () => {
    const first = await start();
    process.kill(serverPid(), 'SIGKILL');
    await first.stop();
    const pidFile = join(folder, 'postgres', 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is started again where it dies, under the same URL and with what was committed', async () => {
    const messages: string[] = [];
    running = await startEmbeddedPostgres(folder, message => messages.push(message));
    const { url } = running;
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(serverPid(), 'SIGKILL');
    const answer = async (): Promise<unknown[]> => query(url, 'SELECT answer FROM kept').catch(() => answer());
    expect(await answer()).toEqual([{ answer: 42 }]);
    expect(messages.join('\n')).toContain('died');
  });

  it('stays stopped', async () => {
    const { url } = await start();
    process.kill(serverPid(), 'SIGKILL');
    await running?.stop();
    await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('says in one line which variable names a folder that cannot be used', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(startEmbeddedPostgres(join(file, 'data'), quiet)).rejects.toThrow(/^MAAS_DATA_DIR: .*ENOTDIR[^\n]*$/);
  });
});
