import { spawnSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { StartupError } from '../config/environment.js';

/** Whom the server runs as, because Postgres refuses to run as root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Chooses the server's account: the owner of a cluster that exists, or else `postgres`, made where it is missing.
 * @param clusterDir the cluster's folder, which need not exist
 * @returns `undefined` where we are not root, and so run the server as ourselves
 * @throws StartupError where there is no account to run as
 */
export function chooseAccount(clusterDir: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const cluster = lstatSync(clusterDir, { throwIfNoEntry: false });
  if (cluster && cluster.uid !== 0) return { name: `user ${cluster.uid}`, uid: cluster.uid, gid: cluster.gid };
  const existing = lookUp('postgres');
  if (existing) return existing;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  // A read-only /etc or an image without useradd leaves the account that every system has.
  const account = lookUp('postgres') ?? lookUp('nobody');
  if (!account) throw new StartupError('DATABASE_URL: is unset, and the embedded Postgres cannot run as root here');
  return account;
}

/** Whether the account can reach the folder through all of its parents. */
export function canReach(account: Account, folder: string): boolean {
  const { uid, gid } = account;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

function lookUp(name: string): Account | undefined {
  const [uid, gid] = ['-u', '-g'].map(flag =>
    Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10),
  );
  return uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid)
    ? undefined
    : { name, uid, gid };
}
