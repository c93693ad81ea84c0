import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { DATABASE_OPTIONS, type DatabaseOptions } from './database.service.js';
import { PrismaClient } from './generated/client.js';

const POOL_SIZE = 3;
const CONNECT_TIMEOUT_MS = 5000;
/** Far more than a rollup needs; what takes longer is ended, so that no question holds up those who write. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * A small pool of its own for questions about the past, so that however many are asked, and however large they are, the
 * ledger's writer and the sign-in of tokens find a connection. For `*.store.ts` files only.
 */
@Injectable()
export class ReportingDatabase extends PrismaClient implements OnApplicationShutdown {
  constructor(@Inject(DATABASE_OPTIONS) { url }: DatabaseOptions) {
    super({
      adapter: new PrismaPg({
        connectionString: url,
        max: POOL_SIZE,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        statement_timeout: STATEMENT_TIMEOUT_MS,
      }),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
