import { expectError } from './support/answer.js';
import { registerModel } from './support/catalog.js';
import { chat } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { completion, sendJson, startUpstream, type ReceivedChat, type TestUpstream } from './support/upstream.js';
import { until } from './support/until.js';

interface ModelList {
  object: string;
  data: { id: string; object: string; created: number; owned_by: string; url: string; tier: string; ready: boolean }[];
}

const MODELS = '/maas-api/v1/models';

describe('models', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  const idsFor = async (token: string, path = MODELS): Promise<string[]> =>
    (await gateway.call(path, { token }))
      .json<ModelList>()
      .data.map(({ id }) => id)
      .sort();

  beforeAll(async () => {
    upstream = await startUpstream((_request, response) =>
      sendJson(response, 200, completion('from the test', { prompt: 3, completion: 4 })),
    );
    gateway = await startGateway();
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  it('are listed to the free tier without those of higher tiers', async () => {
    const answer = await gateway.call(MODELS, { token: await gateway.mint('free-user') });
    expect(answer.status).toBe(200);
    const list = answer.json<ModelList>();
    expect(list.object).toBe('list');
    expect(list.data).toHaveLength(1);
    expect(list.data[0]).toMatchObject({
      id: 'simulator',
      object: 'model',
      created: expect.any(Number) as number,
      owned_by: expect.any(String) as string,
      name: 'Simulator Model',
      description: expect.any(String) as string,
      url: `${gateway.url}/simulator/v1/chat/completions`,
      tier: 'free',
      ready: true,
    });
  });

  it('are listed to the premium and enterprise tiers as in the guide', async () => {
    for (const username of ['premium-user', 'enterprise-user'] as const) {
      expect(await idsFor(gateway.identities[username])).toEqual(['qwen3', 'simulator']);
    }
  });

  it('are listed in the shape of OpenAI to OpenAI’s clients', async () => {
    const token = await gateway.mint('premium-user');
    for (const path of ['/v1/models', '/simulator/v1/models']) {
      const answer = await gateway.call(path, { token });
      expect(answer.status).toBe(200);
      const list = answer.json<ModelList>();
      expect(list.object).toBe('list');
      expect(list.data.length).toBeGreaterThan(0);
      for (const model of list.data) {
        expect(model).toMatchObject({
          object: 'model',
          id: expect.any(String) as string,
          owned_by: expect.any(String) as string,
        });
        expect(Number.isInteger(model.created)).toBe(true);
      }
    }
    expect(await idsFor(token, '/v1/models')).toEqual(['qwen3', 'simulator']);
    expect(await idsFor(await gateway.mint('free-user'), '/v1/models')).toEqual(['simulator']);
  });

  it('tell their details to those who may use them', async () => {
    const answer = await gateway.call(`${MODELS}/qwen3`, { token: gateway.identities['premium-user'] });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      id: 'qwen3',
      name: 'Qwen3 Model',
      tier: 'premium',
      object: 'model',
      ready: true,
    });
  });

  it('are 403 to a lower tier and 404 where there are none', async () => {
    const token = gateway.identities['free-user'];
    expectError(await gateway.call(`${MODELS}/qwen3`, { token }), 403, {
      message: 'Insufficient permissions for this model',
      type: 'permission_error',
      code: 'access_denied',
    });
    expectError(await gateway.call(`${MODELS}/nonesuch`, { token }), 404, { code: 'model_not_found' });
  });

  it('are managed by administrators only', async () => {
    for (const username of ['free-user', 'enterprise-user'] as const) {
      const token = gateway.identities[username];
      expectError(await gateway.admin('/models', { token }), 403, { type: 'permission_error', code: 'access_denied' });
      expectError(await gateway.admin('/models', { token, body: {} }), 403, { code: 'access_denied' });
    }
  });

  it('are served from the moment at which an administrator adds them, with the write-only key kept in', async () => {
    const token = await gateway.mint('premium-user');
    expectError(await chat(gateway, token, { model: 'own' }), 404, { code: 'model_not_found' });
    const body = {
      id: 'own',
      name: 'Own Model',
      description: 'of the test',
      tier: 'premium',
      ownedBy: 'testers',
      aliases: ['own-alias'],
      capabilities: ['chat'],
      contextWindow: 4096,
      defaultMaxTokens: 64,
      prices: { inputPerMillion: 0.2, cachedInputPerMillion: 0.1, outputPerMillion: 0.6, currency: 'USD' },
      upstreams: [
        {
          url: upstream.url,
          model: 'served/name',
          weight: 1,
          priority: 0,
          apiKey: 'write-only-key',
          headers: {},
          features: [],
        },
      ],
    };
    const made = await gateway.admin('/models', { body });
    expect(made.status).toBe(201);
    const { upstreams, ...fields } = body;
    expect(made.json()).toMatchObject(fields);
    expect(made.json<{ upstreams: object[] }>().upstreams[0]).toMatchObject({
      url: upstreams[0]?.url,
      model: 'served/name',
    });
    expect(made.text).not.toContain('write-only-key');
    const served = await until(
      'the model is served',
      async () => {
        const answer = await chat(gateway, token, { model: 'own' });
        return answer.status === 200 && answer;
      },
      1_000,
    );
    expect(served.text).toContain('from the test');
    const request = upstream.received.at(-1);
    expect((JSON.parse(request?.body ?? '{}') as ReceivedChat).model).toBe('served/name');
    expect(request?.headers.authorization).toBe('Bearer write-only-key');
    expect(await idsFor(token)).toContain('own');
  });

  it('answer to their aliases', async () => {
    const token = await gateway.mint('premium-user');
    const body = { model: 'own-alias', messages: [{ role: 'user', content: 'hi' }] };
    expect((await gateway.call('/v1/chat/completions', { token, body })).status).toBe(200);
    expect((await gateway.call('/own/v1/chat/completions', { token, body })).status).toBe(200);
  });

  it('change their tier under way', async () => {
    const token = await gateway.mint('free-user');
    expectError(await chat(gateway, token, { model: 'own' }), 403, {
      message: 'Insufficient permissions for this model',
    });
    const changed = await gateway.admin('/models/own', { method: 'PATCH', body: { tier: 'free' } });
    expect({ status: changed.status, body: changed.json() }).toMatchObject({
      status: 200,
      body: { id: 'own', tier: 'free', name: 'Own Model' },
    });
    await until(
      'a free user is served',
      async () => (await chat(gateway, token, { model: 'own' })).status === 200,
      1_000,
    );
    expect((await gateway.admin('/models/own')).json()).toMatchObject({ tier: 'free' });
  });

  it('disappear from the data plane when they are deleted', async () => {
    const token = await gateway.mint('premium-user');
    expect((await gateway.admin('/models/own', { method: 'DELETE' })).status).toBe(204);
    await until('the model is gone', async () => (await chat(gateway, token, { model: 'own' })).status === 404, 1_000);
    expectError(await gateway.admin('/models/own'), 404, {});
    expectError(await gateway.admin('/models/own', { method: 'DELETE' }), 404, {});
  });

  it('exist once by each name', async () => {
    const body = { id: 'simulator', tier: 'free', upstreams: [{ url: upstream.url }] };
    expectError(await gateway.admin('/models', { body }), 409, { code: 'already_exists' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['a reserved name', { id: 'v1' }],
    ['another reserved name', { id: 'docs' }],
    ['a name that is no slug', { id: 'Not A Slug' }],
    ['no tier', { tier: undefined }],
    ['an unknown tier', { tier: 'platinum' }],
    ['no upstream', { upstreams: [] }],
    ['an upstream that is no URL', { upstreams: [{ url: 'nowhere' }] }],
    ['an upstream that is a file', { upstreams: [{ url: 'file:///etc/passwd' }] }],
    ['a field that nobody knows', { colour: 'blue' }],
    ['a field of the upstream that nobody knows', { upstreams: [{ url: 'http://x/v1', colour: 'blue' }] }],
  ])('are not added with %s', async (_what, wrong) => {
    const body = { id: 'bad', tier: 'free', upstreams: [{ url: upstream.url }], ...wrong };
    expectError(await gateway.admin('/models', { body }), 400, {
      type: 'invalid_request_error',
      code: 'invalid_request',
    });
  });

  it('are still there after a restart', async () => {
    await registerModel(gateway, { id: 'kept', url: upstream.url });
    await gateway.restart();
    expect(await idsFor(gateway.identities['free-user'])).toEqual(['kept', 'simulator']);
  });
});
