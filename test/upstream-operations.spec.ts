import { call, expectError } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { startHeld } from './support/held-upstream.js';
import { until } from './support/until.js';
import { completion, sendJson, startUpstream, type Reply, type TestUpstream } from './support/upstream.js';

interface Trial {
  ok: boolean;
  endpoint: string;
  status: number | null;
  latencyMs: number;
  model?: string;
  error?: string;
}

interface LiveUpstream {
  id: string;
  url: string;
  healthPath: string | null;
  health: {
    state: string;
    inFlight: number;
    consecutiveFailures: number;
    lastError: { message: string; at: string } | null;
    latencyMs: number | null;
  };
}

const well: Reply = (_request, response) => sendJson(response, 200, completion('well', { prompt: 3, completion: 2 }));
const delicate: Reply = (request, response) =>
  request.body.includes('poison')
    ? sendJson(response, 500, { error: { message: 'out of range' } })
    : well(request, response);

describe('who operates upstreams', () => {
  let gateway: Gateway;
  let token: string;
  const upstreams: TestUpstream[] = [];

  beforeAll(async () => {
    gateway = await startGateway({ env: { UPSTREAM_CHECK_INTERVAL: '200ms' } });
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    for (const upstream of upstreams) await upstream.close();
  });

  const serve = async (
    model: string,
    reply: Reply,
    upstream: Record<string, unknown> = {},
    replyToCheck?: Reply,
  ): Promise<TestUpstream> => {
    const started = await startUpstream(reply, replyToCheck);
    upstreams.push(started);
    await registerModel(gateway, { id: model, url: started.url, upstream });
    return started;
  };
  const tried = async (model: string): Promise<Trial> => {
    const answer = await gateway.admin(`/models/${model}/upstreams/${(await only(model)).id}/test`, { method: 'POST' });
    expect(answer.status).toBe(200);
    return answer.json<Trial>();
  };
  const live = async (model: string): Promise<LiveUpstream[]> =>
    (await gateway.admin(`/models/${model}/upstreams`)).json<{ data: LiveUpstream[] }>().data;
  const only = async (model: string): Promise<LiveUpstream> => {
    const [first] = await live(model);
    if (first === undefined) throw new Error(`${model} has no upstream`);
    return first;
  };
  const isReady = async (model: string): Promise<boolean[]> => {
    const list = (await gateway.call('/maas-api/v1/models', { token })).json<{
      data: { id: string; ready: boolean }[];
    }>();
    const details = (await gateway.call(`/maas-api/v1/models/${model}`, { token })).json<{ ready: boolean }>();
    return [list.data.find(({ id }) => id === model)?.ready === true, details.ready];
  };

  it('sees what runs where, how fast it answers, and what went wrong', async () => {
    await serve('watched', well);
    expect((await chat(gateway, token, { model: 'watched' })).status).toBe(200);
    const { health } = await only('watched');
    expect(health).toMatchObject({ state: 'closed', inFlight: 0, consecutiveFailures: 0, lastError: null });
    expect(health.latencyMs).toBeGreaterThanOrEqual(0);

    const held = await startHeld({ prompt: 1, completion: 1 });
    upstreams.push(held);
    await registerModel(gateway, { id: 'held', url: held.url });
    const running = chat(gateway, token, { model: 'held' });
    await until('it is in flight', async () => (await only('held')).health.inFlight === 1);
    held.release();
    expect((await running).status).toBe(200);
    expect((await only('held')).health.inFlight).toBe(0);

    await serve('broken', (_request, response) => sendJson(response, 502, {}), { apiKey: 'sk-nobody-sees-this' });
    expect((await chat(gateway, token, { model: 'broken' })).status).toBe(502);
    const broken = await gateway.admin('/models/broken/upstreams');
    expect(broken.json<{ data: LiveUpstream[] }>().data[0]?.health).toMatchObject({
      state: 'closed',
      consecutiveFailures: 1,
      lastError: { message: "The model's server failed: upstream status 502" },
    });
    expect(broken.text).not.toContain('sk-nobody-sees-this');
  });

  it('sees what is drained, and what cannot be used', async () => {
    await serve('leaving', well);
    const { id } = await only('leaving');
    await gateway.admin(`/models/leaving/upstreams/${id}/drain`, { method: 'POST' });
    expect((await only('leaving')).health.state).toBe('draining');
    expect(await isReady('leaving')).toEqual([false, false]);
    expectError(await gateway.admin('/models/nowhere/upstreams'), 404, { code: 'model_not_found' });
    expect((await gateway.call('/maas-api/v1/admin/models/leaving/upstreams', { token })).status).toBe(403);
  });

  it('sees a model without a healthy upstream as not ready; it is refused at once, and told when to come back', async () => {
    const server = await serve('away', well);
    expect(await isReady('away')).toEqual([true, true]);
    await server.close();
    upstreams.splice(upstreams.indexOf(server), 1);
    await until('it is given up', async () => {
      await chat(gateway, token, { model: 'away' });
      return (await only('away')).health.state === 'open';
    });
    const fastest = { ms: Number.POSITIVE_INFINITY };
    for (let request = 0; request < 10; request += 1) {
      await until('it is not being tried', async () => (await only('away')).health.state === 'open');
      const startedAt = performance.now();
      const answer = await chat(gateway, token, { model: 'away' });
      fastest.ms = Math.min(fastest.ms, performance.now() - startedAt);
      expectError(answer, 503, { code: 'upstream_unavailable' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    // Of ten, so that it is the gateway's time and not that of a machine with other things to do.
    expect(fastest.ms).toBeLessThan(50);
    await until('it is left alone', async () => !(await isReady('away')).includes(true));
    expect((await only('away')).health.lastError?.message).toContain('ECONNREFUSED');
  });

  it('keeps a model whose only server cannot bear what one caller sends', async () => {
    const server = await serve('delicate', delicate);
    const poison = { messages: [{ role: 'user', content: 'poison' }] };
    for (let request = 0; request < 12; request += 1)
      expect((await chat(gateway, token, { model: 'delicate', fields: poison })).status).toBe(502);
    expect((await only('delicate')).health).toMatchObject({ state: 'closed', consecutiveFailures: 12 });
    expect((await chat(gateway, token, { model: 'delicate' })).status).toBe(200);
    expect(server.received).toHaveLength(13);
  });

  it('finds out by checks that a server is not well before anybody asks it, and that it is back', async () => {
    let status = 200;
    const check: Reply = (_request, response) => sendJson(response, status, {});
    const upstream = { apiKey: 'sk-check', healthPath: '/health', headers: { 'x-team': 'models' } };
    const server = await serve('checked', well, upstream, check);
    await until('it is asked while it is idle', () => server.checks.length > 0);
    expect(server.checks[0]).toMatchObject({
      path: '/health',
      headers: { authorization: 'Bearer sk-check', 'x-team': 'models' },
    });
    status = 503;
    await until('it is given up', async () => !(await isReady('checked')).includes(true));
    expect((await only('checked')).health).toMatchObject({
      state: 'open',
      lastError: { message: '/health: status 503' },
    });
    expectError(await chat(gateway, token, { model: 'checked' }), 503, { code: 'upstream_unavailable' });
    expect(server.received).toHaveLength(0);
    status = 200;
    await until('it may be tried again', async () => (await only('checked')).health.state === 'half_open');
    expect((await chat(gateway, token, { model: 'checked' })).status).toBe(200);
    expect((await only('checked')).health).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
  });

  it('has each server asked for its models, and none where it says so or knows no such path', async () => {
    const asked = await serve('asked', well);
    await until('it is asked twice', () => asked.checks.length > 1);
    expect(await only('asked')).toMatchObject({ healthPath: '/v1/models', health: { state: 'closed' } });
    expect(asked.checks[0]?.path).toBe('/v1/models');
    const unasked = await serve('unasked', well, { healthPath: null });
    const before = asked.checks.length;
    await until('others are asked again', () => asked.checks.length > before + 2);
    expect(unasked.checks).toHaveLength(0);
  });

  it("tries an upstream by a request that is real, tiny and nobody's", async () => {
    const server = await serve('tried', well, { model: 'org/real-name' });
    const entries = async () =>
      (await gateway.admin('/usage/requests?limit=100')).json<{ data: { model: string }[] }>().data;
    expect(await tried('tried')).toEqual({
      ok: true,
      endpoint: 'chat/completions',
      status: 200,
      latencyMs: expect.any(Number) as number,
      model: 'test',
    });
    expect(JSON.parse(server.received[0]?.body ?? '')).toMatchObject({ model: 'org/real-name', max_tokens: 1 });
    expect((await chat(gateway, token, { model: 'tried' })).status).toBe(200);
    const own = await until('the ledger has the request', async () => {
      const found = (await entries()).filter(({ model }) => model === 'tried');
      return found.length > 0 && found;
    });
    expect(own).toHaveLength(1);

    const { id } = await only('tried');
    await gateway.admin(`/models/tried/upstreams/${id}/drain`, { method: 'POST' });
    expect((await tried('tried')).ok).toBe(true);
    const path = `/models/tried/upstreams/${id}/test`;
    expect((await gateway.call(`/maas-api/v1/admin${path}`, { method: 'POST', token })).status).toBe(403);
    const elsewhere = await gateway.admin(`/models/asked/upstreams/${id}/test`, { method: 'POST' });
    expectError(elsewhere, 404, { code: 'not_found' });
  });

  it('is told how a try failed, without the key that it was refused for', async () => {
    const refusing: Reply = ({ headers }, response) =>
      sendJson(response, 401, { error: { message: `wrong: ${headers.authorization}` } });
    await serve('refusing', refusing, { apiKey: 'sk-wrong-one' });
    expect(await tried('refusing')).toMatchObject({ ok: false, status: 401, error: 'wrong: Bearer ***' });

    await serve('silent', () => undefined, { timeouts: { firstByte: '300ms' } });
    expect(await tried('silent')).toMatchObject({ ok: false, status: null });

    const gone = await serve('gone', well);
    await gone.close();
    upstreams.splice(upstreams.indexOf(gone), 1);
    const outcome = await tried('gone');
    expect(outcome).toMatchObject({ ok: false, status: null });
    expect(outcome.error).toContain('ECONNREFUSED');
  });

  it('scrapes what was sent, failed and retried, and how each is', async () => {
    const failing = await startUpstream((_request, response) => sendJson(response, 502, {}));
    upstreams.push(failing);
    const spare = await serve('scraped', well, { priority: 1 });
    const added = await gateway.admin('/models/scraped/upstreams', { body: { url: failing.url } });
    expect(added.status).toBe(201);
    for (let request = 0; request < 6; request += 1)
      expect((await chat(gateway, token, { model: 'scraped' })).status).toBe(200);
    const text = (await call(new URL('/metrics', gateway.metricsUrl).href)).text;
    const [bad, good] = await live('scraped');
    const valueOf = (name: string, id: string | undefined): number =>
      Number(new RegExp(`^maas_upstream_${name}{model="scraped",upstream="${id}"} (\\d+)$`, 'm').exec(text)?.[1]);
    expect(valueOf('requests_total', bad?.id)).toBe(failing.received.length);
    expect(valueOf('failures_total', bad?.id)).toBe(failing.received.length);
    expect(valueOf('requests_total', good?.id)).toBe(spare.received.length);
    expect(valueOf('retries_total', good?.id)).toBe(failing.received.length);
    expect(valueOf('in_flight', good?.id)).toBe(0);
    expect(valueOf('state', good?.id)).toBe(0);
    expect([1, 2]).toContain(valueOf('state', bad?.id));
  });
});
