import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { type PastUse, Quota, type UseHistory, type WindowKind } from '../tiers/index.js';
import { ConsumptionStore } from './ledger/consumption.store.js';
import { LedgerWriter } from './ledger/ledger.writer.js';

const RETRY_MS = 5000;

/**
 * Fills the windows of the limits from the ledger: all of them before the first request, so that a restart is no fresh
 * allowance, and those of limits that an administrator makes as they come.
 */
@Injectable()
export class QuotaRestorer implements UseHistory, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(QuotaRestorer.name);
  private readonly stopping = new AbortController();

  constructor(
    private readonly store: ConsumptionStore,
    private readonly ledger: LedgerWriter,
    private readonly quota: Quota,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    let most = 0;
    for (const kind of await this.quota.attachHistory(this)) {
      let requests = 0;
      // Nothing runs yet, so all that the ledger has is over, whatever the clock says.
      await this.store.sumUp(kind, { nowMs: Date.now(), endedByMs: Number.POSITIVE_INFINITY }, async page => {
        await this.quota.restore(kind, page);
        for (const use of page) requests += use.requests;
      });
      most = Math.max(most, requests);
    }
    if (most > 0) this.logger.log(`the limits count ${most} requests from before this start`);
  }

  onApplicationShutdown(): void {
    this.stopping.abort();
  }

  async fill(kinds: readonly WindowKind[]): Promise<void> {
    const nowMs = Date.now();
    for (const kind of kinds) await this.fillOne(kind, nowMs);
  }

  /** Tries until it is done or the process ends. What ends after `nowMs` is recorded in the window as it does. */
  private async fillOne(kind: WindowKind, nowMs: number): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if (await this.ledger.flush()) {
          const pages: PastUse[][] = [];
          await this.store.sumUp(kind, { nowMs, endedByMs: nowMs }, page => {
            pages.push(page);
          });
          // All or nothing, because half of it would count twice when it is tried again.
          for (const page of pages) await this.quota.restore(kind, page);
          return;
        }
      } catch (error) {
        this.logger.error({ err: error }, 'a new limit does not know yet what was used before it; trying again');
      }
      // It rejects at the end of the process alone, which the loop asks about itself.
      await delay(RETRY_MS, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
    }
  }
}
