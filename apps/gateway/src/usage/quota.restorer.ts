import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Quota, Tiers } from '../tiers/index.js';
import { LedgerStore } from './ledger/ledger.store.js';

/** Fills the windows of the limits from the ledger, so that a restart is no fresh allowance. */
@Injectable()
export class QuotaRestorer implements OnApplicationBootstrap {
  private readonly logger = new Logger(QuotaRestorer.name);

  constructor(
    private readonly store: LedgerStore,
    private readonly quota: Quota,
    private readonly tiers: Tiers,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const windows = this.tiers.all().flatMap(tier => tier.limits.map(limit => limit.windowMs ?? 0));
    const longestMs = Math.max(0, ...windows);
    if (longestMs === 0) return;
    let restored = 0;
    for await (const page of this.store.entriesSince(Date.now() - longestMs)) {
      this.quota.restore(
        page.map(entry => ({
          subject: entry.subject,
          modelId: entry.model,
          startedAtMs: entry.startedAt.getTime(),
          endedAtMs: entry.endedAt.getTime(),
          inputTokens: entry.inputTokens,
          outputTokens: entry.outputTokens,
          costMicros: Number(entry.costMicros),
        })),
      );
      restored += page.length;
    }
    if (restored > 0) this.logger.log(`the limits count ${restored} requests from before this start`);
  }
}
