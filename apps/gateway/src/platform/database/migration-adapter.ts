import { PrismaPg } from '@prisma/adapter-pg';
import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  SqlQuery,
  SqlResultSet,
} from '@prisma/driver-adapter-utils';

/**
 * Prisma's Postgres adapter for the schema engine. The engine reads constraints from the catalog with a column of
 * type "char", which the adapter of the same version cannot carry, and the adapter's shadow database is the main one
 * when it is given a URL. Both are put right here.
 */
export function migrationAdapter(databaseUrl: string): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg({ connectionString: databaseUrl });
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => readable(await factory.connect()),
    connectToShadowDb: async () => readable(await shadowFactory(databaseUrl).connectToShadowDb()),
  };
}

function shadowFactory(databaseUrl: string): PrismaPg {
  const { hostname: host, port, username, password, pathname } = new URL(databaseUrl);
  const [user, secret, database] = [username, password, pathname.slice(1)].map(decodeURIComponent);
  return new PrismaPg({ host, port: port === '' ? 5432 : Number(port), user, password: secret, database });
}

function readable(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = (query: SqlQuery): Promise<SqlResultSet> =>
    queryRaw({ ...query, sql: query.sql.replace('constr.contype AS', 'constr.contype::text AS') });
  return adapter;
}
