import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';

export interface MigrationAdapter {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  /** Ends the connections, which the engine leaves open. */
  dispose(): Promise<void>;
}

/**
 * Prisma's Postgres adapter for the schema engine. The engine reads constraints from the catalog with a column of
 * type "char", which the adapter of the same version cannot carry: it is
 * read as text and called a character again.
 * @param databaseUrl also serves as the shadow database: to be used for differences on a throw-away server only
 */
export function migrationAdapter(databaseUrl: string): MigrationAdapter {
  const postgres = new PrismaPg({ connectionString: databaseUrl });
  const opened: SqlDriverAdapter[] = [];
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = readable(await postgres.connect());
    opened.push(adapter);
    return adapter;
  };
  return {
    factory: {
      provider: postgres.provider,
      adapterName: postgres.adapterName,
      connect,
      connectToShadowDb: connect,
    },
    dispose: async () => {
      for (const adapter of opened.splice(0)) await adapter.dispose();
    },
  };
}

const CHAR_COLUMNS = new Set(['constraint_type', 'confdeltype', 'confupdtype']);

function asText(sql: string): string {
  return sql
    .replace('constr.contype AS constraint_type', 'constr.contype::text AS constraint_type')
    .replace(/\bcon\.(confdeltype|confupdtype),/g, 'con.$1::text AS $1,');
}

function readable(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query: SqlQuery): Promise<SqlResultSet> => {
    const result = await queryRaw({ ...query, sql: asText(query.sql) });
    const columnTypes = result.columnTypes.map((type, column) =>
      CHAR_COLUMNS.has(result.columnNames[column] ?? '') ? ColumnTypeEnum.Character : type,
    );
    return { ...result, columnTypes };
  };
  // The adapter would cut a script at each semicolon, also within a comment or a function's body. Sent whole, it is
  // one transaction besides, so that a migration that fails leaves nothing behind.
  adapter.executeScript = async (script: string): Promise<void> => {
    await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
  };
  // The engine disposes of its shadow database twice, and a pool ends once.
  let disposed: Promise<void> | undefined;
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = () => (disposed ??= dispose());
  return adapter;
}
