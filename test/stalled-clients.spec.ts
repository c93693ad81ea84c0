import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { liftLimits, registerModel } from './support/catalog.js';
import { chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';
import { beginStream, chunk, completion, startUpstream, type Reply, type TestUpstream } from './support/upstream.js';

const STALL_MS = 500;

/** Writes as fast as the other side reads, until it has gone. */
async function flood(response: ServerResponse, piece: string): Promise<void> {
  const gone = new Promise<void>(resolve => void response.once('close', () => resolve()));
  while (!response.destroyed) if (!response.write(piece)) await Promise.race([gone, once(response, 'drain')]);
}

describe.each([
  ['on', `${STALL_MS}ms`],
  ['off', `${STALL_MS}ms`],
  ['on', '0s'],
])('a client that stalls, with MAAS_PLAIN_HTTP=%s and MAAS_CLIENT_STALL_TIMEOUT=%s,', (plain, timeout) => {
  let gateway: Gateway;
  let token: string;
  const upstreams: TestUpstream[] = [];
  const sockets: Socket[] = [];
  let models = 0;

  beforeAll(async () => {
    gateway = await startGateway({ env: { MAAS_PLAIN_HTTP: plain, MAAS_CLIENT_STALL_TIMEOUT: timeout } });
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await gateway.dispose();
    for (const upstream of upstreams) await upstream.close();
  });

  const serve = async (reply: Reply): Promise<{ model: string; upstream: TestUpstream }> => {
    const upstream = await startUpstream(reply);
    upstreams.push(upstream);
    const model = `stalled-${(models += 1)}`;
    await registerModel(gateway, { id: model, url: upstream.url });
    return { model, upstream };
  };
  const ask = (model: string, stream: boolean): Socket => {
    const { hostname, port } = new URL(gateway.url);
    const body = JSON.stringify(chatBody(model, { stream }));
    const socket = connect({ host: hostname, port: Number(port) });
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(
      `POST /${model}/v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return socket;
  };
  const entryOf = (model: string) =>
    until(`the ledger has the request to ${model}`, async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests?limit=100', { token });
      type Entry = { model: string; outcome: string; status: number; bytesOut: number };
      return answer.json<{ data: Entry[] }>().data.find(entry => entry.model === model);
    });
  const endlessStream: Reply = (_request, response) => {
    beginStream(response);
    return flood(response, chunk('a'.repeat(10_000)));
  };
  const endlessAnswer: Reply = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"choices":[{"message":{"content":"');
    return flood(response, 'a'.repeat(10_000));
  };
  const hasHead = (socket: Socket): Promise<unknown> => once(socket, 'data').then(() => socket.pause());

  if (timeout === '0s') {
    it('is waited for', async () => {
      const { model, upstream } = await serve(endlessStream);
      await hasHead(ask(model, true));
      // Polls are 25 ms apart.
      let polls = 0;
      await until('three times as long has passed', () => polls++ * 25 > 3 * STALL_MS);
      expect(upstream.received.map(({ aborted }) => aborted)).toEqual([false]);
    });
    return;
  }

  it.each([
    ['a stream', true, endlessStream],
    ['a long whole answer', false, endlessAnswer],
  ])('is cut off from %s after its head, which takes the upstream request along', async (_name, stream, reply) => {
    const { model, upstream } = await serve(reply);
    const socket = ask(model, stream);
    await hasHead(socket);
    await until('the upstream request is aborted', () => upstream.received[0]?.aborted === true);
    const entry = await entryOf(model);
    expect(entry).toMatchObject({ outcome: 'client_aborted', status: 499 });
    expect(entry.bytesOut).toBeGreaterThan(0);
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
  });

  it('and goes on, slowly and steadily, is never cut off', async () => {
    const content = 'a'.repeat(24 * 1024 * 1024);
    const { model } = await serve((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(completion(content, { prompt: 1, completion: 1 })));
    });
    const socket = ask(model, false);
    let bytes = 0;
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length;
      socket.pause();
      setTimeout(() => socket.resume(), 8);
    });
    const beganAt = Date.now();
    await until('the answer is read', () => bytes > content.length || socket.destroyed, 60_000);
    expect(bytes).toBeGreaterThan(content.length);
    expect(Date.now() - beganAt).toBeGreaterThan(STALL_MS);
  }, 70_000);
});
