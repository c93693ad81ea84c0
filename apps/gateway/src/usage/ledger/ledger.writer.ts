import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ledgerQueueEntries } from '../../platform/telemetry/index.js';
import { Journal } from './journal.js';
import type { LedgerEntry } from './ledger-entry.js';
import { LedgerStore } from './ledger.store.js';

const FLUSH_MS = 200;
const BATCH = 500;
const MAX_RETRY_MS = 5000;
/** About 200 MB. Beyond it new requests are refused, since what cannot be written down must not be served. */
const MAX_QUEUE = 250_000;
const SHUTDOWN_ATTEMPTS = 6;

/** Takes ledger entries into the journal and brings them to Postgres in batches. What failed is tried again. */
@Injectable()
export class LedgerWriter implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(LedgerWriter.name);
  private readonly queue: LedgerEntry[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<boolean> | undefined;
  private failures = 0;
  private batchSize = BATCH;

  constructor(
    private readonly store: LedgerStore,
    private readonly journal: Journal,
  ) {}

  /** What a killed process had not yet brought to Postgres is brought there before the windows are filled from it. */
  async onModuleInit(): Promise<void> {
    const left = this.journal.recover();
    this.queue.push(...left);
    if (left.length > 0) this.logger.log(`${left.length} ledger entries of an earlier process are taken up`);
    await this.flush();
  }

  /** Whether there is room for no more entries, because Postgres has not taken any for long. */
  get full(): boolean {
    return this.queue.length >= MAX_QUEUE;
  }

  /**
   * Takes the entry, which from then on outlives the process; it is in Postgres within some 200 ms where that answers.
   */
  append(entry: LedgerEntry): void {
    this.record(entry);
    this.queue.push(entry);
    ledgerQueueEntries.set(this.queue.length);
    if (this.queue.length === BATCH && this.failures === 0) void this.write();
    else this.schedule(FLUSH_MS);
  }

  /** Tries to bring everything appended before the call to Postgres. @returns whether it is all there; never rejects */
  async flush(): Promise<boolean> {
    // What runs already may have begun before the last append.
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
    for (let attempt = 1; attempt <= SHUTDOWN_ATTEMPTS; attempt++) {
      if (await this.flush()) break;
      if (attempt < SHUTDOWN_ATTEMPTS) await delay(FLUSH_MS * 2 ** attempt);
    }
    clearTimeout(this.timer);
    if (this.queue.length > 0)
      this.logger.error(`${this.queue.length} ledger entries wait in the journal for the next start`);
  }

  /** A full disk must not break an answer that was served: the entry is then held in memory alone, and loudly so. */
  private record(entry: LedgerEntry): void {
    try {
      this.journal.append(entry);
    } catch (error) {
      this.logger.error({ err: error }, 'the journal cannot be written; entries are held in memory alone');
    }
  }

  private write(): Promise<boolean> {
    this.running ??= this.drain(this.queue.length).finally(() => {
      this.running = undefined;
      if (this.queue.length > 0) this.schedule(Math.min(FLUSH_MS * 2 ** this.failures, MAX_RETRY_MS));
    });
    return this.running;
  }

  /** Writes the `count` oldest entries. */
  private async drain(count: number): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const segments = this.journal.rotate();
    for (let left = count; left > 0;) {
      const batch = this.queue.slice(0, Math.min(left, this.batchSize));
      try {
        await this.store.insert(batch);
      } catch (error) {
        this.failed(batch, error);
        return false;
      }
      this.queue.splice(0, batch.length);
      ledgerQueueEntries.set(this.queue.length);
      left -= batch.length;
      this.failures = 0;
      this.batchSize = Math.min(this.batchSize * 2, BATCH);
    }
    this.journal.forget(segments);
    return true;
  }

  private failed(batch: LedgerEntry[], error: unknown): void {
    this.failures++;
    this.logger.error(
      { err: error, entries: this.queue.length, failures: this.failures },
      'ledger entries could not be written; they are kept',
    );
    // An entry that Postgres will never take must not hold up the others: it is found by halving, and goes last.
    this.batchSize = Math.max(1, Math.floor(batch.length / 2));
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      this.queue.shift();
      this.queue.push(only);
    }
  }

  private schedule(ms: number): void {
    if (this.running === undefined) this.timer ??= setTimeout(() => void this.write(), ms);
  }
}
