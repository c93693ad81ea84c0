import type { HeldBytes } from '../bodies/index.js';
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
  /** Counts the bytes that all connections hold. */
  readonly held: HeldBytes;
  /** The connection is none of ours any more. */
  forget(connection: PlainConnection): void;
  /** Whether connections go with the answer that is under way. */
  readonly closing: boolean;
}

/** A timer for each connection would be set anew with each byte, which costs a stream more than its chunks do. */
export const TICK_MS = 5000;
/** How long a client may keep a connection without asking for anything. */
const IDLE_TICKS = 15;
/** A request that takes longer to come is worth all the care that node:http takes: it knows for how long it may. */
const PATIENCE_TICKS = 2;

const KEPT = `Connection: keep-alive\r\nKeep-Alive: timeout=${(IDLE_TICKS * TICK_MS) / 1000}\r\n`;
const CLOSED = 'Connection: close\r\n';

/** So much of further requests is kept while one is being answered; nobody sends more before they have read the answer. */
const MAX_EARLY_BYTES = 128 * 1024;

/** A longer body comes in many pieces, which node:http puts together as well. */
const MAX_BODY_BYTES = 64 * 1024;

/** A request of which the head has been read. */
interface Announced {
  readonly head: PlainHead;
  readonly handler: PlainHandler;
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
  /** Bytes that count as held: those of the body that is being answered, and what is unread. */
  private heldBytes = 0;
  /** Bytes of the body that is being answered. */
  private bodyBytes = 0;
  /** How often the clock has ticked since a request began to come, or the last one ended. */
  private ticks = 0;

  constructor(
    readonly socket: Socket,
    private readonly owner: PlainOwner,
  ) {
    socket.on('data', this.onData).on('drain', this.onDrain);
    socket.on('end', this.onEnd).on('error', this.onError).on('close', this.onClose);
  }

  /** Nothing is being answered, and nothing has come that will be. */
  get idle(): boolean {
    return this.answer === undefined && this.unread === undefined;
  }

  get farewell(): string {
    return this.owner.closing ? CLOSED : KEPT;
  }

  /** Another {@link TICK_MS} has passed. */
  tick(): void {
    this.ticks++;
    if (this.answer !== undefined) return;
    if (this.unread === undefined) {
      if (this.ticks > IDLE_TICKS) this.socket.destroy();
    } else if (this.ticks > PATIENCE_TICKS) this.handOver(this.unread);
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
    const { head, handler } = announced;
    const end = head.bytes + head.bodyBytes;
    // Where there is no room for it, node:http reads it and the request is refused.
    if (!this.hold(bytes.length)) return this.handOver(bytes);
    if (bytes.length < end) {
      this.announced = announced;
      this.unread = bytes;
      return;
    }
    this.announced = undefined;
    this.unread = undefined;
    this.bodyBytes = end;
    // A client that asks for more before it was answered waits until it is.
    if (bytes.length > end) this.keep(bytes.subarray(end));
    this.answer = new PlainAnswer(this);
    handler(bytes.subarray(head.bytes, end), this.answer);
  }

  private announce(bytes: Buffer): Announced | undefined {
    const head = readPlainHead(bytes);
    if (head === undefined || head.bodyBytes > MAX_BODY_BYTES) return undefined;
    const handler = this.owner.handlerOf(head);
    this.ticks = 0;
    return handler && { head, handler };
  }

  /** Reading goes on, because the end of a client that leaves comes after all that it has sent. */
  private keep(bytes: Buffer): void {
    if (bytes.length > MAX_EARLY_BYTES || !this.hold(this.bodyBytes + bytes.length)) this.socket.destroy();
    else this.unread = bytes;
  }

  /** @returns false, with the count as it was, where there is no room for so many bytes */
  private hold(bytes: number): boolean {
    const { held } = this.owner;
    const more = bytes - this.heldBytes;
    if (more > 0 && !held.tryHold(more)) return false;
    if (more < 0) held.release(-more);
    this.heldBytes = bytes;
    return true;
  }

  readonly onWritten = (error?: Error | null): void => {
    const { answer, unread } = this;
    // It never will be: the end of the connection tells that.
    if (error || answer === undefined) return;
    this.answer = undefined;
    this.ticks = 0;
    this.bodyBytes = 0;
    this.hold(unread?.length ?? 0);
    answer.finish();
    if (this.owner.closing || this.socket.readableEnded) return this.socket.destroySoon();
    if (unread === undefined) return;
    this.unread = undefined;
    this.read(unread);
  };

  private handOver(bytes: Buffer): void {
    const { socket } = this;
    this.letGo();
    this.owner.handOver(socket);
    socket.unshift(bytes);
  }

  private readonly onDrain = (): void => void this.answer?.emit('drain');

  /** Node takes a client that closes its half for one that leaves, and so do we; but it gets what is on its way. */
  private readonly onEnd = (): void => {
    const { answer } = this;
    if (answer?.writableEnded === true) return;
    this.answer = undefined;
    answer?.abandon();
    this.socket.destroySoon();
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
    this.hold(0);
    socket.off('data', this.onData).off('drain', this.onDrain);
    socket.off('end', this.onEnd).off('error', this.onError).off('close', this.onClose);
    this.owner.forget(this);
  }
}
