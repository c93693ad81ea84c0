import { expectError } from './support/answer.js';
import { overrideTier, subjectOf } from './support/catalog.js';
import { chat } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';

interface TierList {
  data: {
    name: string;
    displayName: string;
    level: number;
    limits: { unit: string; limit: number; window?: string }[];
  }[];
}

interface Me {
  subject: string;
  username: string;
  groups: string[];
  tier: { name: string; displayName: string; level: number; because: { group?: string; override?: boolean } };
  limits: {
    unit: string;
    limit: number;
    window: string;
    used: number;
    reserved: number;
    remaining: number;
    resetsAt: string;
  }[];
  models: string[];
  credential: { type: string; id: string; expiresAt: string | number };
}

describe('tiers', () => {
  let gateway: Gateway;
  const me = async (token: string): Promise<Me> => (await gateway.call('/maas-api/v1/me', { token })).json<Me>();

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  it('are the guide’s three, with the guide’s limits', async () => {
    const answer = await gateway.call('/maas-api/v1/tiers', { token: gateway.identities['free-user'] });
    expect(answer.status).toBe(200);
    const tiers = answer.json<TierList>().data.sort((a, b) => a.level - b.level);
    const limitsOf = (index: number) =>
      Object.fromEntries(tiers[index]?.limits.map(({ unit, limit }) => [unit, limit]) ?? []);
    expect(tiers.map(({ name }) => name)).toEqual(['free', 'premium', 'enterprise']);
    expect(limitsOf(0)).toEqual({ requests: 5, tokens: 100 });
    expect(limitsOf(1)).toEqual({ requests: 20, tokens: 50_000 });
    expect(limitsOf(2)).toEqual({ requests: 50, tokens: 100_000 });
    for (const { limits } of tiers) {
      expect(limits.find(({ unit }) => unit === 'requests')?.window).toMatch(/^2m(?:0s)?$/);
      expect(limits.find(({ unit }) => unit === 'tokens')?.window).toMatch(/^1m(?:0s)?$/);
    }
  });

  it.each<[string[], string]>([
    [['premium-group'], 'premium'],
    [['premium-group', 'enterprise-group'], 'enterprise'],
    [['enterprise-group', 'system:authenticated'], 'enterprise'],
    [['system:authenticated'], 'free'],
  ])('are looked up by the groups %p as %s', async (groups, tier) => {
    const answer = await gateway.call('/maas-api/v1/tiers/lookup', {
      token: gateway.identities['free-user'],
      body: { groups },
    });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ tier, displayName: expect.any(String) as string });
  });

  it('are not found for groups that lead to none', async () => {
    const lookup = (body: unknown) =>
      gateway.call('/maas-api/v1/tiers/lookup', { token: gateway.identities['free-user'], body });
    expectError(await lookup({ groups: ['gardeners'] }), 404, { code: 'not_found' });
    expectError(await lookup({}), 400, { code: 'invalid_request', param: 'groups' });
    expectError(await lookup({ groups: 'premium-group' }), 400, { code: 'invalid_request', param: 'groups' });
    expectError(await lookup({ groups: [], teams: [] }), 400, { code: 'invalid_request', param: 'teams' });
  });

  it('are told to their members with the reason and what is left', async () => {
    const answer = await me(await gateway.mint('premium-user'));
    expect(answer).toMatchObject({
      username: 'premium-user',
      groups: expect.arrayContaining(['premium-group']) as string[],
      tier: { name: 'premium', because: { group: 'premium-group' } },
      credential: { type: 'token' },
    });
    expect([...answer.models].sort()).toEqual(['qwen3', 'simulator']);
    const requests = answer.limits.find(({ unit }) => unit === 'requests');
    expect(requests).toMatchObject({ limit: 20, used: 0, reserved: 0, remaining: 20 });
  });

  it('follow an administrator’s override at once, and the groups again when it is lifted', async () => {
    const token = await gateway.mint('free-user');
    expectError(await chat(gateway, token, { model: 'qwen3' }), 403, {
      message: 'Insufficient permissions for this model',
    });
    await overrideTier(gateway, 'free-user', 'premium');
    await until(
      'the override holds',
      async () => (await chat(gateway, token, { model: 'qwen3' })).status === 200,
      1_000,
    );
    expect((await me(token)).tier).toMatchObject({ name: 'premium', because: { override: true } });
    await overrideTier(gateway, 'free-user', null);
    await until(
      'the override is lifted',
      async () => (await chat(gateway, token, { model: 'qwen3' })).status === 403,
      1_000,
    );
    expect((await me(token)).tier).toMatchObject({ name: 'free', because: { group: 'system:authenticated' } });
  });

  it('do not help whom an administrator has blocked', async () => {
    const token = await gateway.mint('enterprise-user');
    const path = `/users/${encodeURIComponent(await subjectOf(gateway, 'enterprise-user'))}`;
    const statusWith = async () => (await chat(gateway, token)).status;
    expect(await statusWith()).toBe(200);
    expect((await gateway.admin(path, { method: 'PATCH', body: { blocked: true } })).json()).toMatchObject({
      blocked: true,
    });
    await until('the block holds', async () => [401, 403].includes(await statusWith()), 1_000);
    expect((await gateway.admin(path, { method: 'PATCH', body: { blocked: false } })).status).toBe(200);
    await until('the block is lifted', async () => (await statusWith()) === 200, 1_000);
  });

  it('can be made, changed and deleted under way', async () => {
    const gold = {
      name: 'gold',
      displayName: 'Gold',
      description: 'for the test',
      level: 300,
      groups: ['system:cluster-gold'],
      strict: false,
      limits: [
        { unit: 'requests', limit: 7, window: '2m' },
        { unit: 'concurrency', limit: 3 },
      ],
    };
    const made = await gateway.admin('/tiers', { body: gold });
    expect(made.status).toBe(201);
    expect(made.json()).toMatchObject({ name: 'gold', level: 300, groups: gold.groups });
    expectError(await gateway.admin('/tiers', { body: gold }), 409, { code: 'already_exists' });
    await overrideTier(gateway, 'premium-user', 'gold');
    const token = await gateway.mint('premium-user');
    const limitNow = async () => (await chat(gateway, token)).headers.get('x-ratelimit-limit-requests');
    await until('the new limit holds', async () => (await limitNow()) === '7', 1_000);
    const limits = [{ unit: 'requests', limit: 9, window: '2m' }];
    expect((await gateway.admin('/tiers/gold', { method: 'PATCH', body: { limits } })).status).toBe(200);
    await until('the changed limit holds', async () => (await limitNow()) === '9', 1_000);
    expect((await gateway.admin('/tiers/gold', { method: 'DELETE' })).status).toBe(204);
    await until('the groups rule again', async () => (await limitNow()) === '20', 1_000);
  });

  it('may be of one level, and are told by name then', async () => {
    // As the contract prints it: the level is enterprise's own.
    const gold = {
      name: 'gold',
      displayName: 'Gold',
      description: '…',
      level: 30,
      groups: ['gold-users'],
      strict: false,
      limits: [
        { unit: 'requests', limit: 5, window: '2m' },
        { unit: 'tokens', limit: 100, window: '1m' },
        { unit: 'concurrency', limit: 10 },
        { unit: 'tokens', limit: 50, window: '1m', model: 'qwen3' },
      ],
    };
    const made = await gateway.admin('/tiers', { body: gold });
    expect({ status: made.status, text: made.text }).toMatchObject({ status: 201 });
    expect((await gateway.admin('/tiers', { body: { name: 'diamond', level: 30 } })).status).toBe(201);
    const token = gateway.identities['free-user'];
    const names = ['free', 'premium', 'diamond', 'enterprise', 'gold'];
    for (const path of ['/maas-api/v1/tiers', '/maas-api/v1/admin/tiers']) {
      const { data } = (await gateway.call(path, { token: gateway.identities['admin-user'] })).json<TierList>();
      expect(data.map(({ name }) => name)).toEqual(names);
    }
    const body = { groups: ['gold-users', 'enterprise-group'] };
    const found = await gateway.call('/maas-api/v1/tiers/lookup', { token, body });
    expect(found.json()).toEqual({ tier: 'enterprise', displayName: 'Enterprise' });
    for (const name of ['gold', 'diamond'])
      expect((await gateway.admin(`/tiers/${name}`, { method: 'DELETE' })).status).toBe(204);
  });

  it('stay while a model needs them', async () => {
    expectError(await gateway.admin('/tiers/premium', { method: 'DELETE' }), 409, { code: 'conflict' });
    expectError(await gateway.admin('/tiers/nonesuch', { method: 'DELETE' }), 404, { code: 'not_found' });
  });

  it.each<[string, object]>([
    ['an unknown unit', { limits: [{ unit: 'bananas', limit: 1, window: '1m' }] }],
    ['a window too short', { limits: [{ unit: 'requests', limit: 1, window: '10ms' }] }],
    ['a window too long', { limits: [{ unit: 'requests', limit: 1, window: '32d' }] }],
    ['no window', { limits: [{ unit: 'requests', limit: 1 }] }],
    ['a negative limit', { limits: [{ unit: 'requests', limit: -1, window: '1m' }] }],
    ['a broken limit', { limits: [{ unit: 'requests', limit: 1.5, window: '1m' }] }],
    ['no level', { level: undefined }],
    ['a field that nobody knows', { colour: 'blue' }],
  ])('are not made with %s', async (_what, wrong) => {
    const body = { name: 'bad', displayName: 'Bad', level: 400, groups: [], limits: [], ...wrong };
    expectError(await gateway.admin('/tiers', { body }), 400, { code: 'invalid_request' });
  });
});
