import { Logger } from '@nestjs/common';
import type { KeptRecord } from './journal.segment.js';
import type { WrittenEntry } from './ledger-entry.js';
import type { LedgerStore } from './ledger.store.js';

const RETRY_MS = 60_000;

/** Entries that Postgres does not take though it answers. They stay in the journal, and are tried again by themselves. */
export class RefusedEntries {
  private readonly logger = new Logger(RefusedEntries.name);
  private readonly entries = new Map<KeptRecord, WrittenEntry>();
  private dueAtMs = 0;

  constructor(private readonly store: LedgerStore) {}

  get size(): number {
    return this.entries.size;
  }

  /** @param record what keeps the entry in the journal */
  add(record: KeptRecord, entry: WrittenEntry): void {
    if (this.entries.size === 0) this.dueAtMs = performance.now() + RETRY_MS;
    this.entries.set(record, entry);
  }

  async retryWhenDue(): Promise<void> {
    if (this.entries.size > 0 && performance.now() >= this.dueAtMs) await this.retry();
  }

  /** Never rejects; what is refused again is logged. */
  async retry(): Promise<void> {
    let refusal: unknown;
    for (const [record, entry] of this.entries) {
      try {
        await this.store.insert([entry]);
        record.segment.drop(record);
        this.entries.delete(record);
      } catch (error) {
        refusal = error;
      }
    }
    this.dueAtMs = performance.now() + RETRY_MS;
    if (this.entries.size > 0)
      this.logger.error({ err: refusal, entries: this.entries.size }, 'Postgres refuses ledger entries; they are kept');
  }
}
