import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../../platform/config/index.js';
import { monthsFrom } from './ledger-month.js';
import { LedgerPartitionStore } from './ledger-partition.store.js';

const ROUND_MS = 3_600_000;
const MONTHS_AHEAD = 2;

/** Makes the ledger's partitions ahead of need, and drops those that are older than `LEDGER_RETENTION`. */
@Injectable()
export class LedgerPartitions implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(LedgerPartitions.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: LedgerPartitionStore,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.round(new Date());
    this.timer = setInterval(() => void this.round(new Date()), ROUND_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** What fails here is tried again in an hour; a batch that needs a partition before that makes it by itself. */
  private async round(now: Date): Promise<void> {
    try {
      await this.store.ensure(monthsFrom(now, MONTHS_AHEAD));
      if (this.environment.LEDGER_RETENTION > 0)
        await this.drop(new Date(now.getTime() - this.environment.LEDGER_RETENTION));
    } catch (error) {
      this.logger.warn({ err: error }, 'the partitions of the ledger stay as they are for another hour');
    }
  }

  private async drop(before: Date): Promise<void> {
    const dropped = await this.store.dropBefore(before);
    if (dropped.length > 0) this.logger.log(`dropped ${dropped.join(', ')}: older than LEDGER_RETENTION`);
  }
}
