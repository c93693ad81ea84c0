import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** As much of node:http's `ServerResponse` as who answers directly may use: a plain connection's answer has no more. */
export interface DirectAnswer {
  /** Of node:http alone, which does not tell an answer of every end that its connection may have. */
  readonly req?: IncomingMessage;
  /** The connection; `null` while the answer waits for another one's end, and after its own. */
  readonly socket: Socket | null;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  /** The client has gone. */
  readonly destroyed: boolean;
  /** @param headers each name, in lower case, followed by its value */
  writeHead(status: number, headers: string[]): unknown;
  /** @returns false where the client is slower than what is written, until `drain` */
  write(bytes: Buffer): boolean;
  end(bytes?: Buffer): unknown;
  destroy(): unknown;
  /** `close` comes once, when all is written or the client has gone. */
  on(event: 'close', listener: () => void): unknown;
  once(event: 'drain', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}
