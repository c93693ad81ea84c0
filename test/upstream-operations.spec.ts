import { expectError } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { startHeld } from './support/held-upstream.js';
import { until } from './support/until.js';
import { completion, sendJson, startUpstream, type Reply, type TestUpstream } from './support/upstream.js';

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
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    for (const upstream of upstreams) await upstream.close();
  });

  const serve = async (model: string, reply: Reply, upstream: Record<string, unknown> = {}): Promise<TestUpstream> => {
    const started = await startUpstream(reply);
    upstreams.push(started);
    await registerModel(gateway, { id: model, url: started.url, upstream });
    return started;
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
    expect((await only('away')).health.lastError?.message).toContain('cannot be reached');
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
});
