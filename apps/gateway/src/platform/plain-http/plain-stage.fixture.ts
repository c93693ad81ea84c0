import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { PlainAnswer } from './plain-answer.js';
import { HeldBytes } from '../bodies/index.js';
import { PlainConnections } from './plain-connections.js';

/** Room for a body, and not for two. */
const MAX_HELD_BYTES = 150 * 1024;

export const requestOf = (path: string, body: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: spec\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;

/** An answer that says who gave it. */
const told = (body: string, by: string): Buffer => Buffer.from(`<${body} by ${by}>`);

export function answerWith(answer: PlainAnswer, bytes: Buffer, status = 200): void {
  answer.writeHead(status, ['content-length', String(bytes.length)]);
  answer.end(bytes);
}

/** What comes, until it has the text. */
export const until = (socket: Socket, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = '';
    const onClose = (): void => reject(new Error(`closed after ${received}`));
    const onData = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      if (!received.includes(text)) return;
      socket.off('data', onData).off('close', onClose);
      resolve(received);
    };
    socket.on('data', onData).on('close', onClose);
  });

/** A server whose plain requests to `/plain` are answered as a test says, and all others by node:http. */
export class PlainStage {
  readonly connections: PlainConnections;
  readonly held = new HeldBytes(MAX_HELD_BYTES);
  /** The server's ends, the latest last. */
  readonly sockets: Socket[] = [];
  /** Says how a plain request is answered. */
  onRequest: (body: Buffer, answer: PlainAnswer) => void = (body, answer) =>
    answerWith(answer, told(body.toString(), 'us'));
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.end(told(body, 'node')));
    });
    this.connections = new PlainConnections(
      this.server,
      ({ url }) => (url === '/plain' ? (body, answer) => this.onRequest(body, answer) : undefined),
      this.held,
    );
    this.server.on('connection', socket => this.sockets.push(socket));
  }

  static async open(): Promise<PlainStage> {
    const stage = new PlainStage();
    await new Promise<void>(resolve => stage.server.listen(0, '127.0.0.1', resolve));
    return stage;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/plain`;
  }

  async connect(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1');
    socket.setNoDelay(true).on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.connections.destroy();
  }

  private get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}
