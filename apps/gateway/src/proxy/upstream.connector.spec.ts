import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Agent } from 'undici';
import { upstreamConnector } from './upstream.connector.js';

const ANSWERS = 8;
/** More than a read takes, and than a socket keeps. */
const ANSWER_BYTES = 1024 * 1024;
const HEAD = `HTTP/1.1 200 OK\r\ncontent-length: ${ANSWER_BYTES}\r\n\r\n`;

/** What the path says, over and over. */
const answerOf = (path: string): Buffer => Buffer.alloc(ANSWER_BYTES, path);

describe('upstreamConnector', () => {
  let server: Server;
  let agent: Agent;
  let origin: string;

  beforeEach(async () => {
    server = createServer(socket => {
      socket.on('error', () => socket.destroy());
      socket.on('data', question => {
        const [, path = ''] = question.toString().split(' ');
        void answer(socket, answerOf(path));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    agent = new Agent({ connect: upstreamConnector({ timeout: 5000 }) });
  });

  afterEach(async () => {
    await agent.destroy();
    server.close();
  });

  /** In pieces of odd sizes, each read by itself, so that those of all connections come in between one another. */
  async function answer(socket: Socket, body: Buffer): Promise<void> {
    socket.write(HEAD);
    for (let at = 0, size = 1; at < body.length; at += size, size = (size * 3) % 30_011) {
      if (!socket.write(body.subarray(at, at + size))) await once(socket, 'drain');
      await nextTurn();
    }
  }

  it('mixes no bytes of connections that are read at a time', async () => {
    const paths = Array.from({ length: ANSWERS }, (_, index) => `/answer-${index}.`);
    const bodies = await Promise.all(
      paths.map(async path => {
        const { body } = await agent.request({ origin, path, method: 'GET' });
        return Buffer.from(await body.arrayBuffer());
      }),
    );
    for (const [index, path] of paths.entries()) expect(bodies[index]?.equals(answerOf(path))).toBe(true);
  });

  it('reads no further than is asked for', async () => {
    let written = 0;
    server.removeAllListeners('connection');
    server.on('connection', socket => {
      socket.on('error', () => socket.destroy());
      const piece = Buffer.alloc(64 * 1024, 'x');
      const more = (): void => {
        do written += piece.length;
        while (socket.write(piece));
      };
      socket.on('drain', more).once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        more();
      });
    });
    const { body } = await agent.request({ origin, path: '/', method: 'GET' });
    // Until the other side cannot get rid of anything more: buffers of both sockets are full.
    for (let same = 0; same < 20;) {
      const before = written;
      await delay(10);
      same = written === before ? same + 1 : 0;
    }
    const stoodAt = written;
    let taken = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      taken += chunk.length;
      if (taken > stoodAt + 16 * 1024 * 1024) break;
    }
    expect(written).toBeGreaterThan(stoodAt);
  });

  it('tells why there is no connection', async () => {
    server.close();
    await once(server, 'close');
    await expect(agent.request({ origin, path: '/', method: 'GET' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
