import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { StartupError } from '../config/environment.js';
import { makeFolder } from '../folders/index.js';
import { canReach, chooseAccount, type Account } from './postgres-account.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';

/** The files of an embedded database and how its server runs. */
export interface Cluster {
  readonly folder: string;
  readonly logFile: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
}

/** What the server's processes see; a PGDATA or PGPORT of ours must not reach them. */
export const SERVER_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };

/**
 * Makes the cluster of a data folder on its first run.
 * @throws StartupError where the folder cannot be written or the cluster cannot be made
 */
export function ensureCluster(dataDir: string, log: (message: string) => void): Cluster {
  const root = resolve(dataDir);
  const folder = join(root, 'postgres');
  try {
    makeFolder(root, 0o711);
    const account = chooseAccount(folder);
    const binaries = findPostgresBinaries(account);
    const passwordFile = join(root, 'postgres-password');
    const password = readPassword(passwordFile, existsSync(folder));
    const cluster: Cluster = { folder, logFile: join(root, 'postgres.log'), password, binaries, account };
    if (existsSync(folder)) {
      if (account) giveTo(account, folder);
    } else {
      log('making the embedded Postgres database');
      initialise(cluster, passwordFile);
    }
    return cluster;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartupError(
      `MAAS_DATA_DIR: ${root} cannot be used (${code ?? message}); allowed is a folder that can be written`,
      {
        cause: error,
      },
    );
  }
}

/**
 * How to name a folder to a server that starts in it. An account that cannot pass through the folder's parents (a
 * checkout in /root, a private temporary folder) can still reach the folder that it was started in.
 * @throws StartupError where the system offers no such way
 */
export function nameForServer(folder: string, account: Account | undefined): string {
  if (account === undefined || canReach(account, folder)) return folder;
  if (process.platform === 'linux') return '/proc/self/cwd';
  throw new StartupError(`MAAS_DATA_DIR: ${account.name}, as whom Postgres must run, cannot reach ${folder}`);
}

function readPassword(file: string, clusterExists: boolean): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (clusterExists) throw new StartupError(`MAAS_DATA_DIR: ${file} is missing, and with it the way into the database`);
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Made aside and renamed, so that a start that is killed halfway leaves nothing that looks like a database. */
function initialise(cluster: Cluster, passwordFile: string): void {
  const { account } = cluster;
  const aside = `${cluster.folder}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  if (account) giveTo(account, aside);
  const flags = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--locale=C'];
  // The account may reach no file of ours by its path, but it may read what we hand over open and as its own.
  const password = openSync(passwordFile, 'r');
  if (account) fchownSync(password, account.uid, account.gid);
  const made = spawnSync(
    cluster.binaries.initdb,
    [
      ...flags,
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--pwfile=/dev/stdin',
      '-D',
      nameForServer(aside, account),
    ],
    {
      uid: account?.uid,
      gid: account?.gid,
      cwd: aside,
      env: SERVER_ENVIRONMENT,
      encoding: 'utf8',
      stdio: [password, 'ignore', 'pipe'],
    },
  );
  if (account) fchownSync(password, 0, 0);
  closeSync(password);
  if (made.status !== 0) {
    const reason =
      made.error?.message ?? /(?:FATAL|error): +(.*)/.exec(made.stderr)?.[1] ?? `exit ${made.status ?? made.signal}`;
    throw new StartupError(`MAAS_DATA_DIR: the embedded Postgres cannot be made in ${cluster.folder}: ${reason}`);
  }
  renameSync(aside, cluster.folder);
}

/** A folder that root copied belongs to root, and the server could not read it. */
function giveTo(account: Account, folder: string): void {
  if (statSync(folder).uid === account.uid) return;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, entry), account.uid, account.gid);
  chownSync(folder, account.uid, account.gid);
  chmodSync(folder, 0o700);
}
