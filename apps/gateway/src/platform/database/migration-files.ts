import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';

/** The folder `prisma/` of the package, found upwards from here: from the sources, from dist/ and in an image. */
export function prismaFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'prisma', 'schema.prisma'))) return join(folder, 'prisma');
    if (folder === dirname(folder)) throw new Error('prisma/schema.prisma is not among the installed files');
  }
}

/** The text of schema.prisma. */
export function readSchema(): string {
  return readFileSync(join(prismaFolder(), 'schema.prisma'), 'utf8');
}

/** The migrations in their order, as the schema engine wants them. */
export function readMigrations(baseDir = join(prismaFolder(), 'migrations')): MigrationList {
  const names = existsSync(baseDir) ? readdirSync(baseDir).filter(name => /^\d{14}_\w+$/.test(name)) : [];
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: names.sort().map(path => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(join(baseDir, path, 'migration.sql'), 'utf8') },
      },
    })),
  };
}
