import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DatabaseService, type Prisma } from '../database/index.js';
import { ChangeNoticeListener } from './change-notice.listener.js';
import { ChangeStore } from './change.store.js';

export interface ChangeSubscriber {
  /** One thing changed: read it again. */
  onChange(key: string): Promise<void>;
  /** Changes may have been missed: read everything again. */
  onReset(): Promise<void>;
}

const POLL_MS = 1000;
/** Far above the time between a transaction's start and the first poll after its commit. */
const LOOK_BACK_SECONDS = 30;
const KEEP_SECONDS = 3600;
const PRUNE_MS = 600_000;

/**
 * Keeps what is read from memory fresh on every replica: a notice of Postgres makes it look at once, and a look each
 * second is the net below the notices.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ChangeFeed.name);
  private readonly subscribers = new Map<string, ChangeSubscriber>();
  private readonly seen = new Set<bigint>();
  private readonly listener: ChangeNoticeListener;
  private readonly timers: NodeJS.Timeout[] = [];
  private tail: Promise<void> = Promise.resolve();
  private lastLookAt = performance.now();
  private scheduled = false;

  constructor(
    private readonly store: ChangeStore,
    database: DatabaseService,
  ) {
    this.listener = new ChangeNoticeListener(
      database.url,
      () => this.lookSoon(),
      error => this.logger.warn(`change notices are interrupted: ${error.message}`),
    );
  }

  subscribe(topic: string, subscriber: ChangeSubscriber): void {
    this.subscribers.set(topic, subscriber);
  }

  /** Tells of a change, within the transaction that makes it. */
  record(transaction: Prisma.TransactionClient, topic: string, key: string): Promise<void> {
    return this.store.record(transaction, topic, key);
  }

  /** Resolves when everything committed before the call is in this process's memory. */
  catchUp(): Promise<void> {
    const look = this.tail.then(() => this.look());
    this.tail = look.catch((error: unknown) => this.logger.warn(`changes could not be read: ${String(error)}`));
    return look;
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const change of await this.store.recent(LOOK_BACK_SECONDS)) this.seen.add(change.id);
    await this.reset();
    await this.listener.start();
    this.timers.push(setInterval(() => this.lookSoon(), POLL_MS));
    this.timers.push(setInterval(() => this.prune(), PRUNE_MS));
  }

  async onApplicationShutdown(): Promise<void> {
    this.timers.forEach(timer => clearInterval(timer));
    await this.listener.stop();
    await this.tail;
  }

  private lookSoon(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // A failed look is logged in catchUp() and tried again by the next tick.
    const done = () => void (this.scheduled = false);
    this.catchUp().then(done, done);
  }

  private async look(): Promise<void> {
    const startedAt = performance.now();
    const missed = startedAt - this.lastLookAt > (LOOK_BACK_SECONDS / 2) * 1000;
    const changes = await this.store.recent(LOOK_BACK_SECONDS);
    if (missed) {
      await this.reset();
    } else {
      for (const change of changes) {
        if (!this.seen.has(change.id)) await this.subscribers.get(change.topic)?.onChange(change.key);
      }
    }
    this.seen.clear();
    for (const change of changes) this.seen.add(change.id);
    this.lastLookAt = startedAt;
  }

  private async reset(): Promise<void> {
    for (const subscriber of this.subscribers.values()) await subscriber.onReset();
  }

  private prune(): void {
    this.store.prune(KEEP_SECONDS).catch((error: unknown) => this.logger.warn(`old changes stay: ${String(error)}`));
  }
}
