import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.js';

/** Injects `DatabaseOptions`. */
export const DATABASE_OPTIONS = Symbol('DATABASE_OPTIONS');

export interface DatabaseOptions {
  /** Connection URL; it holds the password. */
  readonly url: string;
}

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5000;
const REACHABLE_TIMEOUT_MS = 1000;

/** The gateway's one pool of connections, with Prisma's queries on it. For `*.store.ts` files only. */
@Injectable()
export class DatabaseService extends PrismaClient implements OnApplicationShutdown {
  private readonly logger = new Logger(DatabaseService.name);
  /** Connection URL, for a connection of its own kind such as LISTEN; it holds the password. */
  readonly url: string;
  /** The pool itself, for what runs so often that Prisma's way of carrying parameters would show. */
  readonly pool: pg.Pool;

  constructor(@Inject(DATABASE_OPTIONS) { url }: DatabaseOptions) {
    const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    super({ adapter: new PrismaPg(pool) });
    this.url = url;
    this.pool = pool;
    // Who waits for a connection is told of its end; one that idles is replaced, and a listener must be there to say so.
    pool.on('error', error => this.logger.debug(`a connection that idled has ended: ${error.message}`));
  }

  /** Whether the database answers a query within a second. Never rejects. */
  async isReachable(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<false>(resolve => {
      timer = setTimeout(resolve, REACHABLE_TIMEOUT_MS, false);
    });
    const answered = this.$queryRaw`SELECT 1`.then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answered, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
    await this.pool.end();
  }
}
