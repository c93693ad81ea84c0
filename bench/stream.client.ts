import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RelayedStream } from './relayed.stream.js';
import { MARK } from './stream.bytes.js';
import type { System } from './systems.js';

export type Way = Pick<System, 'url' | 'headers'>;

const LAST_CHUNK = '0\r\n\r\n';

/** Where a data-plane request begins. @returns all of it up to the length of its body */
function headOf({ url, headers }: Way): string {
  const { host, pathname } = new URL(url);
  const lines = Object.entries({ host, 'content-type': 'application/json', ...headers });
  return `POST ${pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}content-length: `;
}

/** Opens a connection. */
async function connectTo({ url }: Way): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** A connection on which one stream after the other is asked for. */
export class StreamClient {
  private stream: RelayedStream | undefined;
  private ended: (() => void) | undefined;
  private failed: ((error: Error) => void) | undefined;
  private tail = '';

  private constructor(
    private readonly socket: Socket,
    private readonly head: string,
  ) {
    socket.on('data', chunk => this.read(chunk));
    socket.on('error', error => this.failed?.(error));
    socket.on('close', () => this.failed?.(new Error('the connection was closed within a stream')));
  }

  static async connect(way: Way): Promise<StreamClient> {
    return new StreamClient(await connectTo(way), headOf(way));
  }

  /** Asks for the stream. @returns when its last byte is there */
  ask(stream: RelayedStream, question: string): Promise<void> {
    this.stream = stream;
    stream.asked();
    this.socket.write(`${this.head}${Buffer.byteLength(question)}\r\n\r\n${question}`);
    return new Promise((resolve, reject) => {
      this.ended = resolve;
      this.failed = reject;
    });
  }

  close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    const { stream } = this;
    if (stream === undefined) return;
    if (this.tail === '' && chunk.subarray(0, 12).toString('latin1') !== 'HTTP/1.1 200')
      return this.failed?.(new Error(`a stream was answered with ${chunk.subarray(0, 600).toString()}`));
    let events = 0;
    for (let at = chunk.indexOf(MARK); at !== -1; at = chunk.indexOf(MARK, at + 1)) events += 1;
    // The last chunk may come in pieces.
    this.tail = (this.tail + chunk.subarray(-LAST_CHUNK.length).toString('latin1')).slice(-LAST_CHUNK.length);
    const isEnd = this.tail === LAST_CHUNK;
    if (!isEnd) return stream.arrived(events);
    this.stream = undefined;
    this.tail = '';
    this.failed = undefined;
    stream.arrived(events);
    this.ended?.();
  }
}
