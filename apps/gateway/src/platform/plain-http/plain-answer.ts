import { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { flat } from '../text/index.js';
import { httpChunk } from './http-chunk.js';
import { httpDate } from './http-date.js';

/** Of up to this size, bytes are cheaper copied into one piece with what stands around them than written beside it. */
const JOINED_BYTES = 16 * 1024;

/** What no header's value has, and node:http refuses too: line ends above all. */
const INVALID_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

const LINE_END = '\r\n';
const LAST_CHUNK = '0\r\n\r\n';
/** Statuses that have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** How the end of the body is told. */
type Framing = 'length' | 'chunks' | 'none';

/** What an answer knows of its connection. */
export interface AnsweredConnection {
  readonly socket: Socket;
  /** Headers that say what becomes of it, as they are sent. */
  readonly farewell: string;
  /** Told when the last byte is on its way, or why it never will be. */
  readonly onWritten: (error?: Error | null) => void;
}

/**
 * The answer to a request, written as node:http writes it. It has as much of its `ServerResponse` as who answers uses:
 * `drain`, and `close`, which comes once, when all is written or the client has gone.
 */
export class PlainAnswer extends EventEmitter {
  headersSent = false;
  writableEnded = false;
  writableFinished = false;
  destroyed = false;
  /** The head, until the first bytes of the body take it along. */
  private head = '';
  private framing: Framing = 'none';

  constructor(private readonly connection: AnsweredConnection) {
    super();
  }

  /**
   * @param headers each name, in lower case, followed by its value
   * @throws TypeError where a value cannot be sent
   */
  writeHead(status: number, headers: readonly string[]): void {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
    let framing: Framing = BODILESS.has(status) ? 'none' : 'chunks';
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] ?? '';
      const value = headers[at + 1] ?? '';
      if (INVALID_VALUE.test(value)) throw new TypeError(`the header ${name} has a value that cannot be sent`);
      if (name === 'content-length') framing = 'length';
      head += `${name}: ${value}\r\n`;
    }
    this.framing = framing;
    if (framing === 'chunks') head += 'Transfer-Encoding: chunked\r\n';
    this.head = `${head}Date: ${httpDate(Date.now())}\r\n${this.connection.farewell}\r\n`;
    this.headersSent = true;
  }

  /** @returns false where the client is slower than what is written; it has caught up at the next `drain` */
  write(bytes: Buffer): boolean {
    if (this.writableEnded || bytes.length === 0 || this.framing === 'none')
      return !this.connection.socket.writableNeedDrain;
    return this.framing === 'chunks' ? this.sendChunk(bytes) : this.send(bytes, '');
  }

  end(bytes?: Buffer): void {
    if (this.writableEnded) return;
    this.writableEnded = true;
    const body = this.framing === 'none' ? undefined : bytes;
    const { onWritten } = this.connection;
    if (this.framing !== 'chunks') return void this.send(body, '', onWritten);
    if (body !== undefined && body.length > 0) this.sendChunk(body);
    this.send(undefined, LAST_CHUNK, onWritten);
  }

  destroy(): void {
    this.connection.socket.destroy();
  }

  /** All of it is written. */
  finish(): void {
    this.writableFinished = true;
    this.emit('close');
  }

  /** The client has gone. */
  abandon(): void {
    this.destroyed = true;
    this.emit('close');
  }

  get socket(): Socket {
    return this.connection.socket;
  }

  private takeHead(): string {
    const { head } = this;
    this.head = '';
    return head;
  }

  /** The first goes out with the head, and a long one is not copied; all others are written by themselves. */
  private sendChunk(bytes: Buffer): boolean {
    if (this.head === '' && bytes.length <= JOINED_BYTES) return this.connection.socket.write(httpChunk(bytes));
    this.head += bytes.length.toString(16) + LINE_END;
    return this.send(bytes, LINE_END);
  }

  /** Sends what stands before the bytes, the bytes, and what stands after them. */
  private send(bytes: Buffer | undefined, after: string, written?: (error?: Error | null) => void): boolean {
    const { socket } = this.connection;
    const before = this.takeHead();
    if (bytes === undefined || bytes.length <= JOINED_BYTES)
      return socket.write(flat(before + (bytes?.toString('latin1') ?? '') + after), 'latin1', written);
    socket.cork();
    socket.write(before, 'latin1');
    let flows = socket.write(bytes, after === '' ? written : undefined);
    if (after !== '') flows = socket.write(after, 'latin1', written);
    socket.uncork();
    return flows;
  }
}
