import { Module } from '@nestjs/common';
import { TiersModule } from '../tiers/index.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { LedgerWriter } from './ledger/ledger.writer.js';
import { QuotaRestorer } from './quota.restorer.js';
import { RefusalStore } from './refusal.store.js';
import { Refusals } from './refusals.service.js';
import { UsageInterceptor } from './usage.interceptor.js';

@Module({
  imports: [TiersModule],
  providers: [LedgerStore, LedgerWriter, RefusalStore, Refusals, QuotaRestorer, UsageInterceptor],
  exports: [LedgerWriter, Refusals, UsageInterceptor],
})
export class UsageModule {}
