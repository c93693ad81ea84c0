import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { liftLimits, placeInTier, registerModel } from './support/catalog.js';
import { chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { beginStream, chunk, startUpstream, usageOf, type Reply, type TestUpstream } from './support/upstream.js';
import { until } from './support/until.js';

interface Entry {
  model: string;
  outcome: string;
  status: number;
  inputTokens: number;
  outputTokens: number;
  usageSource: string;
}

/** Writes as fast as the other side reads, until it has gone. */
async function flood(response: ServerResponse, event: string, onWrite: () => void): Promise<void> {
  const gone = new Promise<void>(resolve => void response.once('close', () => resolve()));
  while (!response.destroyed) {
    onWrite();
    if (!response.write(event)) await Promise.race([gone, once(response, 'drain')]);
  }
}

describe('a client that leaves', () => {
  let gateway: Gateway;
  let token: string;
  const upstreams: TestUpstream[] = [];
  const sockets: Socket[] = [];
  let models = 0;

  beforeAll(async () => {
    gateway = await startGateway();
    await placeInTier(gateway, 'enterprise-user', [{ unit: 'tokens', limit: 1_000_000, window: '1m' }]);
    await liftLimits(gateway, 'premium-user');
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
    const model = `left-${(models += 1)}`;
    await registerModel(gateway, { id: model, url: upstream.url });
    return { model, upstream };
  };
  /** A request on a socket of its own, from which nothing is read until the test does. */
  const ask = (model: string, fields = {}): Socket => {
    const { hostname, port } = new URL(gateway.url);
    const body = JSON.stringify(chatBody(model, { stream: true, ...fields }));
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    sockets.push(socket);
    socket.write(
      `POST /${model}/v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    // The gateway may end what was left; that is what is tested, and no fault of the test.
    socket.on('error', () => undefined);
    return socket;
  };
  const textOf = (socket: Socket): (() => string) => {
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
    return () => text;
  };
  const entryOf = (model: string): Promise<Entry> =>
    until(`the ledger has the request to ${model}`, async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests?limit=100', { token });
      return answer.json<{ data: Entry[] }>().data.find(entry => entry.model === model);
    });
  const reserved = async (): Promise<number> => {
    const answer = await gateway.call('/maas-api/v1/me', { token });
    return answer.json<{ limits: { reserved: number }[] }>().limits[0]?.reserved ?? NaN;
  };
  const standstill = async (written: () => number): Promise<void> => {
    let last = -1;
    let steady = 0;
    await until('the upstream stands still', () => {
      steady = written() > 0 && written() === last ? steady + 1 : 0;
      last = written();
      return steady > 20;
    });
  };
  const expectGone = async (upstream: TestUpstream): Promise<void> => {
    await until('the upstream sees that nobody waits', () => upstream.received.every(({ aborted }) => aborted));
    await until('nothing is reserved any more', async () => (await reserved()) === 0);
  };

  it('before the headers takes its upstream request along, and is charged nothing', async () => {
    const { model, upstream } = await serve(() => undefined);
    const socket = ask(model);
    await until('the request is upstream', () => upstream.received.length === 1);
    expect(await reserved()).toBeGreaterThan(0);
    socket.destroy();
    await expectGone(upstream);
    expect(await entryOf(model)).toMatchObject({
      outcome: 'client_aborted',
      status: 499,
      inputTokens: 0,
      outputTokens: 0,
      usageSource: 'none',
    });
  });

  it('between the headers and the first event is charged nothing', async () => {
    const { model, upstream } = await serve((_request, response) => beginStream(response));
    const socket = ask(model);
    await until('the request is upstream', () => upstream.received.length === 1);
    socket.destroy();
    await expectGone(upstream);
    expect(await entryOf(model)).toMatchObject({ outcome: 'client_aborted', outputTokens: 0, usageSource: 'none' });
  });

  it('mid-stream is charged for the prompt and for the tokens that it was sent', async () => {
    const { model, upstream } = await serve((_request, response) => {
      beginStream(response);
      response.write(chunk('', {}));
      for (const piece of ['The', ' capital', ' of', ' France', ' is', ' Paris']) response.write(chunk(piece));
    });
    const socket = ask(model);
    const text = textOf(socket);
    await until('six pieces are there', () => text().includes('Paris'));
    socket.destroy();
    await expectGone(upstream);
    expect(await entryOf(model)).toMatchObject({
      outcome: 'client_aborted',
      inputTokens: 9,
      outputTokens: 6,
      usageSource: 'counted',
    });
  });

  it('mid-stream is charged exactly where the upstream reports along the way', async () => {
    const { model, upstream } = await serve((_request, response) => {
      beginStream(response);
      for (const completion of [1, 2, 3])
        response.write(chunk(`piece ${completion}`, { usage: usageOf({ prompt: 33, completion }) }));
    });
    const socket = ask(model);
    const text = textOf(socket);
    await until('three pieces are there', () => text().includes('piece 3'));
    socket.destroy();
    await expectGone(upstream);
    expect(await entryOf(model)).toMatchObject({ inputTokens: 33, outputTokens: 3, usageSource: 'reported' });
  });

  it('while its upstream waits for it to read takes the upstream request along too', async () => {
    let written = 0;
    const { model, upstream } = await serve(async (_request, response) => {
      beginStream(response);
      const event = chunk('x'.repeat(16 * 1024));
      await flood(response, event, () => (written += 1));
    });
    const socket = ask(model);
    await standstill(() => written);
    socket.destroy();
    await expectGone(upstream);
    expect(await entryOf(model)).toMatchObject({ outcome: 'client_aborted' });
  });

  it('closes its half of the connection, which is all that is seen of a client that was killed', async () => {
    const { model, upstream } = await serve((_request, response) => {
      beginStream(response);
      response.write(chunk('one'));
    });
    const socket = ask(model);
    const text = textOf(socket);
    await until('a piece is there', () => text().includes('one'));
    socket.end();
    await expectGone(upstream);
    expect(await entryOf(model)).toMatchObject({ outcome: 'client_aborted', outputTokens: 1 });
  });

  it('closes its half while it does not read, and is not waited for', async () => {
    let written = 0;
    const { model, upstream } = await serve(async (_request, response) => {
      beginStream(response);
      const event = chunk('x'.repeat(16 * 1024));
      await flood(response, event, () => (written += 1));
    });
    const socket = ask(model);
    await standstill(() => written);
    socket.end();
    await expectGone(upstream);
  });

  it('in a crowd leaves nothing reserved, whenever each of them leaves', async () => {
    const { model, upstream } = await serve((_request, response) => {
      beginStream(response);
      response.write(chunk('one'));
    });
    const crowd = Array.from({ length: 60 }, () => ask(model));
    crowd.slice(0, 20).forEach(socket => socket.destroy());
    await until('the rest is upstream', () => upstream.received.length >= 40);
    crowd.forEach(socket => socket.destroy());
    await expectGone(upstream);
  });
});
