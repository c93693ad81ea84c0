import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { TiersModule } from '../tiers/index.js';
import { AdminUsageController } from './admin-usage.controller.js';
import { Journal } from './ledger/journal.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { LedgerWriter } from './ledger/ledger.writer.js';
import { QuotaRestorer } from './quota.restorer.js';
import { RefusalStore } from './refusal.store.js';
import { Refusals } from './refusals.service.js';
import { UsageReports } from './usage-reports.service.js';
import { UsageController } from './usage.controller.js';
import { UsageInterceptor } from './usage.interceptor.js';
import { UsageQueries } from './usage.queries.store.js';

@Module({
  imports: [AuthModule, TiersModule],
  controllers: [UsageController, AdminUsageController],
  providers: [
    Journal,
    LedgerStore,
    LedgerWriter,
    RefusalStore,
    Refusals,
    QuotaRestorer,
    UsageInterceptor,
    UsageQueries,
    UsageReports,
  ],
  exports: [LedgerWriter, Refusals, UsageInterceptor],
})
export class UsageModule {}
