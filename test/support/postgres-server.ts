import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import pg from 'pg';
import { ensureCluster, type Cluster } from '../../apps/gateway/src/platform/database/postgres-cluster.js';
import { launchPostgres } from '../../apps/gateway/src/platform/database/postgres-launch.js';
import { isRunning } from './embedded-database.js';
import { freshFolder } from './gateway.js';
import { until } from './until.js';

/** A Postgres that is nobody's child, on one port for its whole life, to be stopped and killed at will. */
export class PostgresServer {
  pid = 0;
  private port: number | undefined;

  private constructor(
    private readonly folder: string,
    private readonly cluster: Cluster,
  ) {}

  static async create(): Promise<PostgresServer> {
    const folder = freshFolder();
    const server = new PostgresServer(
      folder,
      ensureCluster(folder, () => undefined),
    );
    await server.start();
    // Nobody's child outlives who started it, also where that ends by an error.
    process.once('exit', () => {
      if (isRunning(server.pid)) process.kill(server.pid, 'SIGINT');
    });
    return server;
  }

  urlOf(database: string): string {
    return `postgresql://postgres:${this.cluster.password}@127.0.0.1:${this.port}/${database}`;
  }

  async query<T extends pg.QueryResultRow>(database: string, sql: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database), connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts the server; after a kill it may take some attempts, until the last of the killed one's processes is gone. */
  async start(): Promise<void> {
    await until(
      'Postgres starts',
      async () => {
        const launched = await launchPostgres(this.cluster, this.port);
        this.pid = launched.pid;
        this.port = launched.port;
        return until('Postgres answers or ends', async () => launched.ended() || (await this.answers())).then(
          () => !launched.ended(),
        );
      },
      60_000,
    );
  }

  /** @param signal SIGINT is Postgres' fast shutdown */
  async end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    process.kill(this.pid, signal);
    await until('Postgres ends', () => !isRunning(this.pid), 60_000);
  }

  /** Stops every process of the server in its tracks: connections stay open, and nothing answers. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
    for (const pid of this.sessions()) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.sessions()) process.kill(pid, 'SIGCONT');
    process.kill(this.pid, 'SIGCONT');
  }

  async dispose(): Promise<void> {
    if (isRunning(this.pid)) {
      this.thaw();
      await this.end('SIGINT');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private sessions(): number[] {
    const listed = spawnSync('ps', ['-o', 'pid=', '--ppid', String(this.pid)], { encoding: 'utf8' });
    return listed.stdout.split('\n').flatMap(line => (line.trim() === '' ? [] : [Number(line)]));
  }

  private async answers(): Promise<boolean> {
    return this.query('postgres', 'SELECT 1').then(
      () => true,
      () => false,
    );
  }
}
