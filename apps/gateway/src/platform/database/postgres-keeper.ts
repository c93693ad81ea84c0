import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './postgres-cluster.js';
import { findServer, launchServer, type PostgresServer, serves, stopServer } from './postgres-server.js';

const WATCH_MS = 500;

/**
 * Starts a server again where it dies. It comes back on its own port, because all connections are made by the URL that
 * names it; until it does, readers of the database fail and the ledger's entries wait in the journal.
 * @returns stops the server, for good
 */
export function keepPostgres(cluster: Cluster, first: PostgresServer, log: (message: string) => void) {
  let server = first;
  let stopped = false;
  let reviving: Promise<void> | undefined;

  const revive = async (): Promise<void> => {
    log(`the embedded Postgres ${server.pid} died; it is started again`);
    // Its orphaned sessions hold its memory for a moment, and a new server does not start beside them.
    while (!stopped) {
      const revived = (await findServer(cluster)) ?? (await launchServer(cluster, server.port));
      if (revived === undefined) {
        await delay(WATCH_MS);
        continue;
      }
      server = revived;
      log(`the embedded Postgres runs again, as ${revived.pid}`);
      return;
    }
  };
  const watch = setInterval(() => {
    if (stopped || reviving !== undefined || serves(cluster, server.pid)) return;
    reviving = revive()
      .catch((error: unknown) => log(`the embedded Postgres does not start: ${String(error)}`))
      .finally(() => (reviving = undefined));
  }, WATCH_MS).unref();

  return async (): Promise<void> => {
    stopped = true;
    clearInterval(watch);
    await reviving;
    await stopServer(cluster, server.pid);
  };
}
