import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { refusalsTotal } from '../platform/telemetry/index.js';
import { type RefusalReason, RefusalStore, type RefusalSum } from './refusal.store.js';

const HOUR_MS = 3_600_000;
const FLUSH_MS = 1000;
/** Above this many distinct sums the models are told apart no longer, so that a flood cannot fill the memory. */
const MAX_KEYS = 10_000;

/** Sums that go together, and go unchanged until Postgres has told that it has them, so that it can know them again. */
interface Batch {
  number: number;
  sums: readonly RefusalSum[];
}

/** Sums of what was refused: kept in memory, added to Postgres each second. */
@Injectable()
export class Refusals implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Refusals.name);
  private readonly writer = randomUUID();
  private sums = new Map<string, RefusalSum>();
  private batch: Batch | undefined;
  private batches = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly store: RefusalStore) {}

  async onModuleInit(): Promise<void> {
    await this.store.forgetWriters();
  }

  count(subject: string, tier: string, model: string, reason: RefusalReason): void {
    refusalsTotal.inc({ tier, reason });
    const hour = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
    this.add({ hour, subject, tier, model, reason, count: 1 });
    this.schedule();
  }

  /** Brings to Postgres what was counted before the call; what it does not take is kept and tried again. Never rejects. */
  async flush(): Promise<void> {
    await this.running;
    await this.write();
  }

  /** As `flush`, but waits for `timeoutMs` at most. */
  async flushWithin(timeoutMs: number): Promise<void> {
    const abort = new AbortController();
    try {
      await Promise.race([this.flush(), delay(timeoutMs, undefined, { signal: abort.signal })]);
    } finally {
      abort.abort();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
    clearTimeout(this.timer);
    if (this.pending > 0)
      this.logger.error(`${this.pending} sums of refusals are lost: Postgres did not take them before the end`);
  }

  private add(sum: RefusalSum): void {
    const key = JSON.stringify([sum.hour, sum.subject, sum.tier, sum.model, sum.reason]);
    const known = this.sums.get(key);
    if (known !== undefined) known.count += sum.count;
    else if (this.sums.size >= MAX_KEYS && sum.model !== '*') this.add({ ...sum, model: '*' });
    else this.sums.set(key, sum);
  }

  private get pending(): number {
    return this.sums.size + (this.batch?.sums.length ?? 0);
  }

  private write(): Promise<void> {
    this.running ??= this.send().finally(() => {
      this.running = undefined;
      if (this.pending > 0) this.schedule();
    });
    return this.running;
  }

  private async send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      for (let batch = this.next(); batch !== undefined; batch = this.next()) {
        await this.store.add(this.writer, batch.number, batch.sums);
        this.batch = undefined;
      }
    } catch (error) {
      this.logger.error({ err: error, sums: this.pending }, 'refusals could not be written; they are kept');
    }
  }

  /** What was sent and not acknowledged goes first. */
  private next(): Batch | undefined {
    if (this.batch === undefined && this.sums.size > 0) {
      this.batch = { number: ++this.batches, sums: [...this.sums.values()] };
      this.sums = new Map();
    }
    return this.batch;
  }

  private schedule(): void {
    if (this.running === undefined) this.timer ??= setTimeout(() => void this.write(), FLUSH_MS);
  }
}
