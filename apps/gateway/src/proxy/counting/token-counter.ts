import type { CountReply, CountRequest } from './count.message.js';
import type { TokenCount, TokenCountOrder } from './token-count.js';
import { MAX_COUNTED_BYTES } from './token-count.order.js';

/** A thread that counts, as far as the counter needs to know of it. */
export interface CountingThread {
  post(request: CountRequest, transfer: ArrayBuffer[]): void;
  end(): void;
}

export interface ThreadEvents {
  reply(reply: CountReply): void;
  /** The thread is no more. */
  gone(reason: string): void;
}

interface Waiting {
  /** Called a second time it does nothing. */
  resolve: (count: TokenCount | undefined) => void;
  timer: NodeJS.Timeout;
  bytes: number;
}

/** What an answer's last byte waits for its count, at most. */
const DEADLINE_MS = 1000;
/** What a start waits for the vocabulary to be loaded, at most. */
const READY_DEADLINE_MS = 10_000;
const MAX_WAITING = 1000;
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/**
 * Counts tokens in a thread of its own. Nobody waits for it longer than a second, and what waits is bounded: beyond
 * that, or where the thread dies, the answer is `undefined` and whoever asked must estimate. A thread that died or hangs
 * is replaced when the next order comes.
 */
export class TokenCounter {
  private thread: CountingThread | undefined;
  private isReady = false;
  private tellReady: () => void = () => undefined;
  /** What the thread has not answered, also where nobody waits for it any more: it is the thread's queue. */
  private readonly waiting = new Map<number, Waiting>();
  /** When the thread last showed that it lives, or had nothing to do. */
  private lastSignAtMs = 0;
  private waitingBytes = 0;
  private nextId = 0;

  constructor(
    private readonly open: (events: ThreadEvents) => CountingThread,
    private readonly warn: (message: string) => void,
  ) {}

  start(): void {
    this.thread ??= this.begin();
  }

  /** Resolves when the thread can count, or when it is not worth waiting for any longer; it does not reject. */
  ready(): Promise<void> {
    if (this.isReady || this.thread === undefined) return Promise.resolve();
    return new Promise(resolve => {
      const timer = setTimeout(resolve, READY_DEADLINE_MS);
      this.tellReady = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  stop(): void {
    const { thread } = this;
    this.thread = undefined;
    this.isReady = false;
    thread?.end();
    this.tellReady();
    this.giveUp();
  }

  /** @returns `undefined` where it could not be counted in time; it does not reject */
  count({ model, prompt, text }: TokenCountOrder): Promise<TokenCount | undefined> {
    const bytes = (prompt?.length ?? 0) + text.length;
    const isTooMuch = this.waiting.size >= MAX_WAITING || this.waitingBytes + bytes > MAX_WAITING_BYTES;
    if (bytes > MAX_COUNTED_BYTES || isTooMuch) return Promise.resolve(undefined);
    this.start();
    const id = this.nextId++;
    return new Promise(resolve => {
      const timer = setTimeout(() => this.late(resolve), DEADLINE_MS);
      if (this.waiting.size === 0) this.lastSignAtMs = performance.now();
      this.waiting.set(id, { resolve, timer, bytes });
      this.waitingBytes += bytes;
      // Copies, for the originals lie in larger buffers that would be copied whole.
      const own = { text: new Uint8Array(text), prompt: prompt && new Uint8Array(prompt) };
      this.thread?.post({ id, model, ...own }, [own.text.buffer, ...(own.prompt ? [own.prompt.buffer] : [])]);
    });
  }

  private begin(): CountingThread {
    const thread: CountingThread = this.open({
      reply: reply => {
        if (this.thread === thread) this.take(reply);
      },
      gone: reason => {
        if (this.thread !== thread) return;
        this.warn(`the thread that counts tokens is gone: ${reason}`);
        this.stop();
      },
    });
    return thread;
  }

  private take(reply: CountReply): void {
    this.lastSignAtMs = performance.now();
    if (reply.type === 'ready') {
      this.isReady = true;
      this.tellReady();
    } else if (reply.type === 'counted') this.settle(reply.id, reply.count);
    else {
      this.warn(`tokens could not be counted: ${reply.reason}`);
      this.settle(reply.id, undefined);
    }
  }

  private late(resolve: Waiting['resolve']): void {
    resolve(undefined);
    // A thread that is not ready yet may take its time: its machine is busy.
    if (!this.isReady || performance.now() - this.lastSignAtMs < DEADLINE_MS) return;
    this.warn('the thread that counts tokens takes too long');
    this.stop();
  }

  private settle(id: number, count: TokenCount | undefined): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.waiting.delete(id);
    this.waitingBytes -= waiting.bytes;
    waiting.resolve(count);
  }

  private giveUp(): void {
    for (const id of [...this.waiting.keys()]) this.settle(id, undefined);
  }
}
