import { expectError } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { openEvents } from './support/sse.js';
import { until } from './support/until.js';
import {
  beginStream,
  chunk,
  completion,
  sendJson,
  startUpstream,
  type Reply,
  type TestUpstream,
} from './support/upstream.js';

interface Entry {
  model: string;
  upstream: string;
  outcome: string;
  status: number;
  outputTokens: number;
}

describe('a model with several upstreams', () => {
  let gateway: Gateway;
  let token: string;
  const upstreams: TestUpstream[] = [];

  beforeAll(async () => {
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    for (const upstream of upstreams) await upstream.close();
  });

  const well: Reply = (_request, response) => sendJson(response, 200, completion('well', { prompt: 3, completion: 2 }));
  const failing: Reply = (_request, response) => sendJson(response, 500, { error: { message: 'out of memory' } });

  /** Registers a model that each of them serves. */
  const serve = async (model: string, ...servers: [Reply, Record<string, unknown>?][]): Promise<TestUpstream[]> => {
    const started: TestUpstream[] = [];
    for (const [reply] of servers) started.push(await startUpstream(reply));
    upstreams.push(...started);
    const entries = started.map(({ url }, index) => ({ url, ...servers[index]?.[1] }));
    await registerModel(gateway, { id: model, url: entries[0]?.url ?? '' });
    const made = await gateway.admin(`/models/${model}`, { method: 'PATCH', body: { upstreams: entries } });
    expect(made.status).toBe(200);
    return started;
  };
  const entriesOf = async (model: string, count: number): Promise<Entry[]> =>
    until(`the ledger has ${count} requests to ${model}`, async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests?limit=100', { token });
      const found = answer.json<{ data: Entry[] }>().data.filter(entry => entry.model === model);
      return found.length >= count && found;
    });

  it('is answered by another where one fails, and the client never notices', async () => {
    const [bad, good] = await serve('spare', [failing], [well, { priority: 1 }]);
    for (let request = 0; request < 40; request += 1) {
      const answer = await chat(gateway, token, { model: 'spare' });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('well');
      if (request === 0) expect(answer.headers.get('x-upstream-attempts')).toBe('2');
    }
    // After five failures in a row it is left alone, but for a probe now and then.
    expect(bad?.received.length).toBeGreaterThanOrEqual(5);
    expect(bad?.received.length).toBeLessThan(15);
    expect(good?.received).toHaveLength(40);
    const entries = await entriesOf('spare', 40);
    expect(entries).toHaveLength(40);
    expect(new Set(entries.map(({ outcome, outputTokens }) => `${outcome} ${outputTokens}`))).toEqual(
      new Set(['completed 2']),
    );
    expect(new Set(entries.map(({ upstream }) => upstream)).size).toBe(1);
  });

  it('whose server cannot be reached, or breaks off before it answers, is answered by another', async () => {
    const [gone] = await serve('gone', [well], [well, { priority: 1 }]);
    await gone?.close();
    upstreams.splice(upstreams.indexOf(gone as TestUpstream), 1);
    expect((await chat(gateway, token, { model: 'gone' })).status).toBe(200);
    await serve('broken', [(_request, response) => void response.destroy()], [well, { priority: 1 }]);
    expect((await chat(gateway, token, { model: 'broken' })).status).toBe(200);
  });

  it('of which all fail is refused at once, and asked again when it may be back', async () => {
    let reply = failing;
    const [only] = await serve('down', [(request, response) => reply(request, response)]);
    await until('it is given up', async () => (await chat(gateway, token, { model: 'down' })).status === 503);
    const asked = only?.received.length;
    const startedAt = performance.now();
    expectError(await chat(gateway, token, { model: 'down' }), 503, { code: 'upstream_unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(only?.received).toHaveLength(asked ?? 0);
    reply = well;
    await until('it is asked again', async () => (await chat(gateway, token, { model: 'down' })).status === 200);
    expect((await chat(gateway, token, { model: 'down' })).status).toBe(200);
  });

  it('leaves alone an upstream that is busy for as long as it asked', async () => {
    const busy: Reply = (_request, response) => sendJson(response, 429, {}, { 'retry-after': '60' });
    const [first] = await serve('busy', [busy], [well, { priority: 1 }]);
    for (let request = 0; request < 10; request += 1)
      expect((await chat(gateway, token, { model: 'busy' })).status).toBe(200);
    expect(first?.received).toHaveLength(1);
  });

  it('asks no other after the first byte went out', async () => {
    const breaking: Reply = (_request, response) => {
      beginStream(response);
      response.write(chunk('Hel'), () => response.destroy());
    };
    const [, other] = await serve('midway', [breaking], [well, { priority: 1 }]);
    const body = chatBody('midway', { stream: true });
    const events = await openEvents(`${gateway.url}/midway/v1/chat/completions`, { token, body });
    const rest = await events.rest();
    expect(rest.at(-1)).toContain('upstream_error');
    expect(rest).not.toContain('[DONE]');
    expect(other?.received).toHaveLength(0);
  });

  it('answers with what is wrong with the request, without asking another', async () => {
    const wrong: Reply = (_request, response) => sendJson(response, 400, { error: { message: 'too long' } });
    const [, other] = await serve('strict', [wrong], [well, { priority: 1 }]);
    const answer = await chat(gateway, token, { model: 'strict' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-upstream-attempts')).toBe('1');
    expect(other?.received).toHaveLength(0);
  });
});
