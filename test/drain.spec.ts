import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { registerModel } from './support/catalog.js';
import { chatBody } from './support/chat.js';
import { gate } from './support/gate.js';
import { type Gateway, startGateway } from './support/gateway.js';
import { scrape, valueOf } from './support/metrics.js';
import { PostgresServer } from './support/postgres-server.js';
import {
  beginStream,
  chunk,
  completion,
  DONE,
  sendJson,
  startUpstream,
  type TestUpstream,
} from './support/upstream.js';
import { until } from './support/until.js';

/** A request without a charset is read by the gateway itself, one with it by node:http, Fastify and Nest. */
const WAYS = [
  ['plainly', 'application/json'],
  ['by Fastify', 'application/json; charset=utf-8'],
] as const;

function requestBytes(model: string, token: string, type: string, extra: Record<string, unknown> = {}): string {
  const body = JSON.stringify(chatBody(model, extra));
  return (
    `POST /${model}/v1/chat/completions HTTP/1.1\r\nHost: spec\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

async function openSocket(gateway: Gateway): Promise<Socket> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe.each(WAYS)('what has come %s', (_way, type) => {
  let upstream: TestUpstream;
  const hold = gate();

  beforeAll(async () => {
    upstream = await startUpstream(async ({ body }, response) => {
      const { model } = JSON.parse(body) as { model: string };
      if (model === 'quick') return sendJson(response, 200, completion('done', { prompt: 1, completion: 1 }));
      beginStream(response);
      response.write(chunk('begun'));
      if (model === 'held') return hold.opened;
      // More than all buffers between the two ends.
      const pieces = Array.from({ length: 200 }, () => chunk('x'.repeat(100_000)));
      Readable.from([...pieces, DONE]).pipe(response);
    });
  });
  afterAll(async () => {
    hold.open();
    await upstream.close();
  });

  it('is answered though the signal to stop found it with a guard', async () => {
    const database = await PostgresServer.create();
    await database.query('postgres', 'CREATE DATABASE maas');
    const gateway = await startGateway({ env: { DATABASE_URL: database.urlOf('maas') } });
    try {
      await registerModel(gateway, { id: 'quick', url: upstream.url });
      const token = await gateway.mint('premium-user');
      // Who it is for is then not known yet.
      await gateway.restart();
      const socket = await openSocket(gateway);
      const answer = once(socket, 'data');
      database.freeze();
      socket.write(requestBytes('quick', token, type));
      await new Promise(resolve => setTimeout(resolve, 200));
      gateway.signal('SIGTERM');
      await until('the gateway takes no connection', () =>
        openSocket(gateway).then(
          other => void other.destroy(),
          () => true,
        ),
      );
      database.thaw();
      const [bytes] = (await answer) as [Buffer];
      expect(bytes.toString()).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      expect(await gateway.ended()).toBe(0);
    } finally {
      database.thaw();
      await gateway.dispose();
      await database.dispose();
    }
  });

  it('does not hold up the end where its client reads nothing of its answer', async () => {
    const gateway = await startGateway({ env: { DRAIN_TIMEOUT: '200ms' } });
    try {
      await registerModel(gateway, { id: 'flood', url: upstream.url });
      const token = await gateway.mint('premium-user');
      const socket = await openSocket(gateway);
      socket.pause();
      socket.write(requestBytes('flood', token, type, { stream: true }));
      await until('the upstream is asked', () => upstream.received.length > 0);
      gateway.signal('SIGTERM');
      expect(await gateway.ended()).toBe(0);
    } finally {
      await gateway.dispose();
    }
  });

  it('is ended when its client has left, though it waited behind another request', async () => {
    const gateway = await startGateway();
    try {
      await registerModel(gateway, { id: 'held', url: upstream.url });
      const token = await gateway.mint('premium-user');
      const inFlight = async (): Promise<number> =>
        valueOf(await scrape(gateway), 'maas_requests_in_flight', { model: 'held' }) ?? 0;
      const socket = await openSocket(gateway);
      socket.write(requestBytes('held', token, type, { stream: true }).repeat(3));
      await until('it is under way', async () => (await inFlight()) > 0);
      await new Promise(resolve => setTimeout(resolve, 100));
      socket.resetAndDestroy();
      await until('nothing is under way', async () => (await inFlight()) === 0);
    } finally {
      await gateway.dispose();
    }
  });
});
