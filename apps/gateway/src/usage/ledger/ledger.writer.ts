import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseService } from '../../platform/database/index.js';
import { journalAccepting, ledgerQueueEntries } from '../../platform/telemetry/index.js';
import { type Batch, Journal } from './journal.js';
import type { OpenRecord } from './journal.group.js';
import { textOf } from './journal.record.js';
import type { Closing, OpenedEntry } from './ledger-entry.js';
import { LedgerStore } from './ledger.store.js';
import { RefusedEntries } from './refused.entries.js';

const FLUSH_MS = 200;
const BATCH = 500;
const MAX_RETRY_MS = 5000;
/** What is not in Postgres by then stays in the journal for the next start. */
const SHUTDOWN_MS = 15_000;

/** Takes ledger entries into the journal and brings them to Postgres in batches. What failed is tried again. */
@Injectable()
export class LedgerWriter implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(LedgerWriter.name);
  private readonly refused: RefusedEntries;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<boolean> | undefined;
  private failures = 0;
  private batchSize = BATCH;
  /** The entry that was refused by itself last. */
  private suspect: string | undefined;
  private accepting = true;
  private stopAtMs = Infinity;

  constructor(
    private readonly store: LedgerStore,
    private readonly journal: Journal,
    private readonly database: DatabaseService,
  ) {
    this.refused = new RefusedEntries(store);
  }

  /** What a killed process had not yet brought to Postgres is brought there before the windows are filled from it. */
  async onModuleInit(): Promise<void> {
    journalAccepting.set(1);
    const interrupted = this.journal.recover();
    if (this.journal.waiting > 0)
      this.logger.log(
        `${this.journal.waiting} ledger entries of an earlier process are taken up, ${interrupted} of them interrupted`,
      );
    await this.flush();
  }

  /**
   * Writes the request down before it goes upstream; from then on it has an entry, whatever happens to the process.
   * @returns nothing where there is no room for it: what cannot be written down must not be served; it does not reject
   */
  open(opened: OpenedEntry): Promise<OpenRecord | undefined> {
    try {
      const record = this.journal.open(opened);
      return this.journal.written().then(() => this.opened(record));
    } catch (error) {
      return Promise.resolve(this.refuse(error));
    }
  }

  /**
   * Closes the entry, which is in Postgres within some 200 ms where that answers.
   * @returns a promise that it outlives the process; it does not reject
   */
  close(record: OpenRecord, closing: Closing): Promise<void> {
    this.journal.close(record, closing);
    if (this.journal.waiting >= BATCH && this.failures === 0) void this.write();
    else this.schedule(FLUSH_MS);
    return this.journal.written();
  }

  /**
   * Tries to bring everything closed before the call to Postgres.
   * @returns whether all is there but what Postgres refuses by itself; never rejects
   */
  async flush(): Promise<boolean> {
    // What runs already may have begun before the last closing.
    await this.running;
    return this.write();
  }

  /** As `flush`, but waits for `timeoutMs` at most. */
  async flushWithin(timeoutMs: number): Promise<boolean> {
    const abort = new AbortController();
    try {
      return await Promise.race([this.flush(), delay(timeoutMs, false, { signal: abort.signal })]);
    } finally {
      abort.abort();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopAtMs = performance.now() + SHUTDOWN_MS;
    let flushed = await this.flushWithin(SHUTDOWN_MS);
    for (let pauseMs = FLUSH_MS; !flushed && performance.now() + pauseMs < this.stopAtMs; pauseMs *= 2) {
      await delay(pauseMs);
      flushed = await this.flushWithin(this.stopAtMs - performance.now());
    }
    if (flushed && this.refused.size > 0) await this.refused.retry();
    clearTimeout(this.timer);
    const left = this.journal.waiting + this.refused.size;
    if (left > 0) this.logger.error(`${left} ledger entries wait in the journal for the next start`);
  }

  private opened(record: OpenRecord): OpenRecord | undefined {
    if (record.refusal !== undefined) return this.refuse(record.refusal);
    if (!this.accepting) this.accept(true);
    return record;
  }

  private refuse(error: unknown): undefined {
    if (this.accepting) this.accept(false, error);
  }

  private accept(accepting: boolean, error?: unknown): void {
    this.accepting = accepting;
    journalAccepting.set(accepting ? 1 : 0);
    if (accepting) this.logger.log('the journal has room again; requests are accepted');
    else this.logger.error({ err: error }, 'the journal has no room for another request; requests are refused');
  }

  private write(): Promise<boolean> {
    this.running ??= this.drain().finally(() => {
      this.running = undefined;
      ledgerQueueEntries.set(this.journal.waiting + this.refused.size);
      if (this.journal.waiting > 0) this.schedule(Math.min(FLUSH_MS * 2 ** this.failures, MAX_RETRY_MS));
    });
    return this.running;
  }

  /** Writes as many entries as wait now, the oldest first. */
  private async drain(): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    let left = this.journal.waiting;
    ledgerQueueEntries.set(left + this.refused.size);
    while (left > 0 && performance.now() < this.stopAtMs) {
      const batch = this.journal.oldest(Math.min(left, this.batchSize));
      const taken = batch && (await this.insert(batch));
      if (taken === undefined) break;
      left -= taken;
      await this.journal.sweep();
    }
    if (left > 0) return false;
    await this.refused.retryWhenDue();
    return true;
  }

  /** @returns how many wait no longer, nothing where it is not the time to go on */
  private async insert(batch: Batch): Promise<number | undefined> {
    try {
      await this.store.insert(batch.entries);
    } catch (error) {
      return this.failed(batch, error);
    }
    this.journal.forget(batch);
    this.failures = 0;
    this.batchSize = Math.min(this.batchSize * 2, BATCH);
    return batch.entries.length;
  }

  /** An entry that Postgres will never take must not hold up the others: it is found by halving, and set aside. */
  private async failed(batch: Batch, error: unknown): Promise<number | undefined> {
    const { entries } = batch;
    const answers = await this.database.isReachable();
    if (answers && entries.length > 1) {
      this.batchSize = Math.floor(entries.length / 2);
      return 0;
    }
    this.failures++;
    this.logger.error(
      { err: error, entries: this.journal.waiting, failures: this.failures },
      'ledger entries could not be written; they are kept',
    );
    const [only] = entries;
    if (!answers || only === undefined) return undefined;
    // Twice, because the first try after an outage may have met a connection that was dead already.
    if (this.suspect === only.id) {
      // As text, because it is kept for longer than the bytes that were read.
      const kept = { ...only, json: textOf(only.json) };
      this.refused.add(this.journal.setAside(batch, kept), kept);
    }
    this.suspect = only.id;
    return undefined;
  }

  private schedule(ms: number): void {
    if (this.running === undefined) this.timer ??= setTimeout(() => void this.write(), ms);
  }
}
