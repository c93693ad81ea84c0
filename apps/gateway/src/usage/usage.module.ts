import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { TiersModule } from '../tiers/index.js';
import { AdminUsageController } from './admin-usage.controller.js';
import { ConsumptionStore } from './ledger/consumption.store.js';
import { Journal } from './ledger/journal.js';
import { LedgerPartitionStore } from './ledger/ledger-partition.store.js';
import { LedgerPartitions } from './ledger/ledger-partitions.service.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { LedgerWriter } from './ledger/ledger.writer.js';
import { QuotaRestorer } from './quota.restorer.js';
import { RefusalStore } from './refusal.store.js';
import { Refusals } from './refusals.service.js';
import { UsageEntries } from './usage-entries.store.js';
import { UsageReports } from './usage-reports.service.js';
import { UsageSums } from './usage-sums.store.js';
import { UsageController } from './usage.controller.js';
import { LedgerGuard } from './ledger.guard.js';

@Module({
  imports: [AuthModule, TiersModule],
  controllers: [UsageController, AdminUsageController],
  providers: [
    Journal,
    LedgerPartitionStore,
    LedgerPartitions,
    ConsumptionStore,
    LedgerStore,
    LedgerWriter,
    RefusalStore,
    Refusals,
    QuotaRestorer,
    UsageEntries,
    LedgerGuard,
    UsageReports,
    UsageSums,
  ],
  exports: [LedgerWriter, Refusals, LedgerGuard],
})
export class UsageModule {}
