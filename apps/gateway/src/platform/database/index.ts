export { lockDataFolder } from './data-folder.lock.js';
export { withDatabase } from './database-access.js';
export { DatabaseModule } from './database.module.js';
export { DatabaseService } from './database.service.js';
export { startEmbeddedPostgres } from './embedded-postgres.js';
export * from './generated/client.js';
export { applyMigrations } from './migrations.js';
export { ReportingDatabase } from './reporting-database.service.js';
