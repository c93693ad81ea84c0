import { StartupError } from '../config/environment.js';
import { openConnection } from './database-connection.js';
import { readMigrations, readSchema } from './migration-files.js';
import { withSchemaEngine } from './schema-engine.js';

/** Any number will do, so long as every version of the gateway takes the same. */
const ADVISORY_LOCK = 7_211_630_118;
const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Brings a database to the newest schema. Several replicas may call it at once: one works, the others wait.
 * @returns the names of the migrations that were applied now
 * @throws StartupError where the database does not answer or a migration fails
 */
export async function applyMigrations(databaseUrl: string): Promise<string[]> {
  const client = await openConnection(databaseUrl);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    return await withSchemaEngine(databaseUrl, readSchema(), async engine => {
      const migrationsList = readMigrations();
      const history = { migrationsList, filters: NO_FILTERS, optInToShadowDatabase: false };
      const { failedMigrationNames } = await engine.diagnoseMigrationHistory(history);
      // Each migration is one transaction: one that failed, or whose process was killed, has left nothing behind.
      for (const migrationName of failedMigrationNames) await engine.markMigrationRolledBack({ migrationName });
      return (await engine.applyMigrations({ migrationsList, filters: NO_FILTERS })).appliedMigrationNames;
    });
  } catch (error) {
    throw new StartupError(`DATABASE_URL: the database cannot be migrated: ${inOneLine(error)}`, { cause: error });
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}

/** A start stops with one line; the engine's messages run over many, with a trace of its own places at the end. */
function inOneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/\n\s*0: [^]*$/, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

/**
 * What the migrations lack to make schema.prisma.
 * @param shadowUrl an empty database that may be filled and thrown away
 * @returns SQL that closes the gap; empty where there is none
 */
export async function diffMigrations(shadowUrl: string): Promise<string> {
  const schema = readSchema();
  const { stdout, exitCode } = await withSchemaEngine(shadowUrl, schema, engine =>
    engine.diff({
      from: { tag: 'migrations', ...readMigrations() },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
      script: true,
      exitCode: true,
      filters: NO_FILTERS,
    }),
  );
  return exitCode === 0 ? '' : (stdout ?? '');
}
