import type { Socket } from 'node:net';
import type { Slotted } from '../collections/index.js';
import { type AnsweredConnection, PlainAnswer } from './plain-answer.js';
import { type PlainHead, readPlainHead } from './plain-head.js';

/** Answers a request that has come whole. */
export type PlainHandler = (body: Buffer, answer: PlainAnswer) => void;

/** Whom a connection belongs to. */
export interface PlainOwner {
  /** Says who answers a request; nobody where it is not for here. */
  handlerOf(head: PlainHead): PlainHandler | undefined;
  /** Takes over a socket of which nothing has been read yet. */
  handOver(socket: Socket): void;
  /** The connection is none of ours any more. */
  forget(connection: PlainConnection): void;
  /** Whether connections go with the answer that is under way. */
  readonly closing: boolean;
}

/** How long a client may keep a connection without asking for anything. */
const IDLE_MS = 75_000;
const KEPT = `Connection: keep-alive\r\nKeep-Alive: timeout=${IDLE_MS / 1000}\r\n`;
const CLOSED = 'Connection: close\r\n';

/** A body that is longer comes in many pieces, and is worth all the care that node:http takes. */
const MAX_BODY_BYTES = 64 * 1024;
/** So is one that takes longer to come: node:http knows for how long it may. */
const PATIENCE_MS = 10_000;

/** A request of which the head has been read. */
interface Announced {
  readonly head: PlainHead;
  readonly handler: PlainHandler;
  readonly sinceMs: number;
}

/**
 * A client's connection for as long as its requests are plain. With the first one that is not, it is node:http's for good,
 * so that no byte is ever read by two.
 */
export class PlainConnection implements AnsweredConnection, Slotted {
  slot = 0;
  /** What has come and belongs to no request that was begun. */
  private unread: Buffer | undefined;
  private announced: Announced | undefined;
  private answer: PlainAnswer | undefined;

  constructor(
    readonly socket: Socket,
    private readonly owner: PlainOwner,
  ) {
    socket.setTimeout(IDLE_MS);
    socket.on('data', this.onData).on('drain', this.onDrain).on('timeout', this.onTimeout);
    socket.on('end', this.onEnd).on('error', this.onError).on('close', this.onClose);
  }

  /** Nothing is being answered, and nothing has come that will be. */
  get idle(): boolean {
    return this.answer === undefined && this.unread === undefined;
  }

  get farewell(): string {
    return this.owner.closing ? CLOSED : KEPT;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private readonly onData = (chunk: Buffer): void => {
    const bytes = this.unread === undefined ? chunk : Buffer.concat([this.unread, chunk]);
    if (this.answer === undefined) this.read(bytes);
    else this.keep(bytes);
  };

  private read(bytes: Buffer): void {
    const announced = this.announced ?? this.announce(bytes);
    if (announced === undefined) return this.handOver(bytes);
    const { head, handler, sinceMs } = announced;
    const end = head.bytes + head.bodyBytes;
    if (bytes.length < end) {
      if (performance.now() - sinceMs > PATIENCE_MS) return this.handOver(bytes);
      this.announced = announced;
      this.unread = bytes;
      return;
    }
    this.announced = undefined;
    this.unread = undefined;
    // A client that asks for more before it was answered waits until it is.
    if (bytes.length > end) this.keep(bytes.subarray(end));
    this.answer = new PlainAnswer(this);
    handler(bytes.subarray(head.bytes, end), this.answer);
  }

  private announce(bytes: Buffer): Announced | undefined {
    const head = readPlainHead(bytes);
    if (head === undefined || head.bodyBytes > MAX_BODY_BYTES) return undefined;
    const handler = this.owner.handlerOf(head);
    return handler && { head, handler, sinceMs: performance.now() };
  }

  private keep(bytes: Buffer): void {
    this.unread = bytes;
    this.socket.pause();
  }

  readonly onWritten = (error?: Error | null): void => {
    const { answer, unread } = this;
    // It never will be: the end of the connection tells that.
    if (error || answer === undefined) return;
    this.answer = undefined;
    answer.finish();
    if (this.owner.closing || this.socket.readableEnded) return this.socket.destroySoon();
    if (unread === undefined) return;
    this.unread = undefined;
    this.socket.resume();
    this.read(unread);
  };

  private handOver(bytes: Buffer): void {
    const { socket } = this;
    this.letGo();
    socket.setTimeout(0);
    this.owner.handOver(socket);
    socket.unshift(bytes);
  }

  private readonly onDrain = (): void => void this.answer?.emit('drain');

  private readonly onTimeout = (): void => {
    if (this.answer !== undefined) return;
    if (this.unread === undefined) this.socket.destroy();
    else this.handOver(this.unread);
  };

  /** Node takes a client that closes its half for one that leaves, and so do we. */
  private readonly onEnd = (): void => {
    if (this.answer === undefined) this.socket.destroySoon();
    else this.socket.end();
  };

  private readonly onError = (): void => {
    // A client may break off at any time; what follows is the end of the connection.
  };

  private readonly onClose = (): void => {
    const { answer } = this;
    this.letGo();
    this.answer = undefined;
    answer?.abandon();
  };

  private letGo(): void {
    const { socket } = this;
    socket.off('data', this.onData).off('drain', this.onDrain).off('timeout', this.onTimeout);
    socket.off('end', this.onEnd).off('error', this.onError).off('close', this.onClose);
    this.owner.forget(this);
  }
}
