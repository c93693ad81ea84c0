import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { RelayedStream } from './relayed.stream.js';
import { HEAD, STREAM_ID } from './stream.bytes.js';

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n';
const HEAD_END = '\r\n\r\n';
/** The stream's id is found in as much of a question. */
const READ_BYTES = 8192;

/** Answers questions with events, straight on the socket: HTTP's own machinery would cost more than what is measured. */
export class StreamUpstream {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly streams: ReadonlyMap<number, RelayedStream>,
  ) {}

  /** @param streams those that are asked for, by id */
  static async start(streams: ReadonlyMap<number, RelayedStream>): Promise<StreamUpstream> {
    const server = createServer({ noDelay: true });
    const upstream = new StreamUpstream(server, streams);
    server.on('connection', (socket: Socket) => upstream.accept(socket));
    server.listen(0, '127.0.0.1', 8192);
    await once(server, 'listening');
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    // Whoever is measured closes connections as it likes; what it cut short, the client's end notices.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.sockets.delete(socket));
    let begun = '';
    let bytesLeft = Number.NaN;
    socket.on('data', chunk => {
      if (begun.length < READ_BYTES) begun += chunk.toString('latin1');
      if (Number.isNaN(bytesLeft)) {
        const headEnd = begun.indexOf(HEAD_END);
        if (headEnd === -1) return;
        const [, contentLength = '0'] = /^content-length: (\d+)/im.exec(begun) ?? [];
        // What has come of the body until now.
        bytesLeft = Number(contentLength) - (begun.length - headEnd - HEAD_END.length);
      } else bytesLeft -= chunk.length;
      if (bytesLeft > 0) return;
      this.answer(socket, begun);
      begun = '';
      bytesLeft = Number.NaN;
    });
  }

  private answer(socket: Socket, question: string): void {
    const [, id] = STREAM_ID.exec(question) ?? [];
    const stream = this.streams.get(Number(id));
    if (stream === undefined) {
      socket.write(NOT_FOUND);
      return;
    }
    socket.cork();
    socket.write(HEAD);
    stream.begin(socket);
    socket.uncork();
  }
}
