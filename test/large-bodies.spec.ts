import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { ErrorBody } from './support/answer.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
const MAX_BODY_BYTES = 32 * MIB;
/** What the buffers of two sockets may hold beside what is read. */
const BUFFERS = 32 * MIB;
const CHAT = '/simulator/v1/chat/completions';
const TOKENS = '/maas-api/v1/tokens';

describe('a body that is too large', () => {
  let gateway: Gateway;
  let credentials: Record<string, string>;
  const headersFor = (path: string) => ({
    authorization: `Bearer ${credentials[path]}`,
    'content-type': 'application/json',
  });
  const expectRefusal = ({ status, text }: { status: number | undefined; text: string }): void => {
    expect(status).toBe(413);
    expect((JSON.parse(text) as ErrorBody).error).toMatchObject({ code: 'request_too_large' });
  };

  beforeAll(async () => {
    gateway = await startGateway();
    credentials = {
      [CHAT]: await gateway.mint('enterprise-user'),
      [TOKENS]: gateway.identities['enterprise-user'],
    };
  });

  afterEach(async () => {
    expect((await gateway.call('/health/live')).status).toBe(200);
  });

  afterAll(() => gateway.dispose());

  const sizes = [34, 36, 38, 40].flatMap(megabytes => [CHAT, TOKENS].map(path => [megabytes, path] as const));

  it.each(sizes)('is told so to fetch: %d MB for %s', async (megabytes, path) => {
    const body = Buffer.alloc(megabytes * 1_000_000, ' ');
    const response = await fetch(gateway.url + path, { method: 'POST', headers: headersFor(path), body });
    expectRefusal({ status: response.status, text: await response.text() });
  });

  it.each(sizes)('is told so to http.request: %d MB for %s', async (megabytes, path) => {
    for (const length of [{}, { 'content-length': megabytes * 1_000_000 }]) {
      const call = httpRequest(gateway.url + path, { method: 'POST', headers: { ...headersFor(path), ...length } });
      const answered = once(call, 'response') as Promise<[IncomingMessage]>;
      for (let sent = 0; sent < megabytes; sent += 1) call.write(Buffer.alloc(1_000_000, ' '));
      call.end();
      const [response] = await answered;
      let text = '';
      for await (const piece of response) text += String(piece);
      expectRefusal({ status: response.statusCode, text });
    }
  });

  describe('from a client that goes on', () => {
    let socket: Socket;
    let received: string;
    let closed: Promise<boolean>;

    beforeEach(async () => {
      const { hostname, port } = new URL(gateway.url);
      socket = connect(Number(port), hostname);
      // How it is closed differs with what is on the way; that it is, is what counts.
      socket.on('error', () => undefined);
      closed = new Promise(resolve => socket.once('close', () => resolve(true)));
      received = '';
      socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
      await once(socket, 'connect');
      socket.write(
        `POST ${TOKENS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${credentials[TOKENS]}\r\n` +
          'Content-Type: application/json\r\nContent-Length: 1000000000000\r\n\r\n',
      );
      await until('the refusal has come', () => received.endsWith('}'));
      expect(received).toMatch(/^HTTP\/1\.1 413 /);
    });

    afterEach(() => {
      socket.destroy();
    });

    it('is read to twice of what is allowed at most', async () => {
      const mebibyte = Buffer.alloc(MIB);
      for (let over = false; !over;) {
        const drained = new Promise<boolean>(resolve => socket.once('drain', () => resolve(false)));
        over = !socket.write(mebibyte) && (await Promise.race([closed, drained]));
      }
      expect(socket.bytesWritten).toBeLessThan(2 * MAX_BODY_BYTES + BUFFERS);
    });

    it('is waited for no longer than some seconds', async () => {
      expect(await closed).toBe(true);
    });
  });
});
