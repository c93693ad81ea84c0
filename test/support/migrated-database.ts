import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyMigrations,
  DatabaseService,
  startEmbeddedPostgres,
} from '../../apps/gateway/src/platform/database/index.js';

/** A Postgres of its own with the newest schema and nothing in it. */
export interface MigratedDatabase {
  readonly url: string;
  readonly database: DatabaseService;
  dispose(): Promise<void>;
}

export async function startMigratedDatabase(): Promise<MigratedDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'maas-database-'));
  const postgres = await startEmbeddedPostgres(folder, () => undefined);
  await applyMigrations(postgres.url);
  const database = new DatabaseService({ url: postgres.url });
  return {
    url: postgres.url,
    database,
    async dispose() {
      await database.onApplicationShutdown();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
