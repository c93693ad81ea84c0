export { lockDataFolder, type DataFolderLock } from './data-folder.lock.js';
export { DatabaseModule } from './database.module.js';
export { DatabaseService, type DatabaseOptions } from './database.service.js';
export { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
export * from './generated/client.js';
export { applyMigrations } from './migrations.js';
