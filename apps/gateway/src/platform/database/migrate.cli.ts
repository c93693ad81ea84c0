import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from '../config/environment.js';
import { readEnvironment } from '../config/process-environment.js';
import { withDatabase } from './database-access.js';
import { prismaFolder } from './migration-files.js';
import { applyMigrations, diffMigrations } from './migrations.js';

const USAGE = 'usage: db:migrate | db:migrate:new -- <verb_object> | db:drift';

/** Runs one command. @returns the exit code */
async function run([command, name, ...rest]: string[]): Promise<number> {
  if (command === 'apply' && name === undefined) return apply();
  if (command === 'check' && name === undefined) return check();
  if (command === 'new' && name !== undefined && rest.length === 0) return writeNew(name);
  say(USAGE);
  return 2;
}

async function apply(): Promise<number> {
  await withDatabase(readEnvironment(), 'make', async url => {
    const names = await applyMigrations(url);
    say(names.length === 0 ? 'nothing to apply' : `applied ${names.join(', ')}`);
  });
  return 0;
}

async function check(): Promise<number> {
  const difference = await withShadow(diffMigrations);
  if (difference === '') return 0;
  say(
    `prisma/schema.prisma is ahead of prisma/migrations:\n\n${difference}\nnpm run db:migrate:new -- <verb_object> writes it`,
  );
  return 1;
}

async function writeNew(name: string): Promise<number> {
  if (!/^[a-z]+(_[a-z0-9]+)+$/.test(name)) {
    say(`${name} is no name for a migration; allowed is verb_object, such as add_regions`);
    return 2;
  }
  const sql = await withShadow(diffMigrations);
  if (sql === '') {
    say('prisma/schema.prisma and prisma/migrations agree: there is nothing to write');
    return 0;
  }
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(prismaFolder(), 'migrations', `${timestamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'migration.sql'), sql);
  say(`wrote ${join(folder, 'migration.sql')}`);
  return 0;
}

/** A server of its own: the engine fills the shadow database and drops what is in it. */
async function withShadow<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'maas-shadow-'));
  try {
    return await withDatabase({ MAAS_DATA_DIR: folder }, 'make', work);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StartupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
