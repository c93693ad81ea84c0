import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { nameForServer, SERVER_ENVIRONMENT, type Cluster } from './postgres-cluster.js';

export interface LaunchedPostgres {
  readonly pid: number;
  readonly port: number;
  ended(): boolean;
}

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  fsync: 'on',
  log_checkpoints: 'off',
  timezone: 'UTC',
};

/** Runs the server of a cluster; it need not answer yet. @param wantedPort a free one where absent */
export async function launchPostgres(cluster: Cluster, wantedPort?: number): Promise<LaunchedPostgres> {
  const { account, folder } = cluster;
  const port = wantedPort ?? (await freePort());
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = openSync(cluster.logFile, 'a', 0o600);
  let ended = false;
  try {
    const server = spawn(
      cluster.binaries.postgres,
      ['-D', nameForServer(folder, account), '-p', String(port), ...settings],
      {
        uid: account?.uid,
        gid: account?.gid,
        cwd: folder,
        env: SERVER_ENVIRONMENT,
        // Own process group: Ctrl-C in a terminal must not stop the database before requests have drained.
        detached: true,
        stdio: ['ignore', logFile, logFile],
      },
    );
    server.once('exit', () => (ended = true));
    server.once('error', () => (ended = true));
    server.unref();
    return { pid: server.pid ?? Number.NaN, port, ended: () => ended };
  } finally {
    closeSync(logFile);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
