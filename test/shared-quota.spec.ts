import { expectError, type Answer } from './support/answer.js';
import { placeInTier, registerModel, type LimitBody } from './support/catalog.js';
import { chat, type ChatCompletion } from './support/chat.js';
import { startGateway, type Gateway, type Username } from './support/gateway.js';
import { startHeld } from './support/held-upstream.js';
import { startMigratedDatabase, type MigratedDatabase } from './support/migrated-database.js';
import { limitHeaders } from './support/rate-limit.js';
import { describeWithRedis, RedisProcess } from './support/redis-process.js';
import { until } from './support/until.js';

/** Two gateways with one Postgres and one Redis. Each test has a model of its own, because windows outlast a test. */
describeWithRedis('replicas that share their quota', () => {
  let database: MigratedDatabase;
  let redis: RedisProcess;
  let replicas: [Gateway, Gateway];

  const start = (fallback: string): Promise<Gateway> =>
    startGateway({
      env: {
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        QUOTA_FALLBACK: fallback,
      },
    });

  beforeAll(async () => {
    [database, redis] = await Promise.all([startMigratedDatabase(), RedisProcess.start()]);
    replicas = [await start('local'), await start('local')];
  }, 120_000);

  afterAll(async () => {
    for (const replica of replicas) await replica.dispose();
    await redis.dispose();
    await database.dispose();
  });

  const states = async (gateway: Gateway): Promise<string | undefined> =>
    (await gateway.call('/health/ready')).json<{ states?: { quota?: string } }>().states?.quota;
  const become = (gateway: Gateway, state: string) =>
    until(`the quota is ${state}`, async () => (await states(gateway)) === state);

  /** Places the user in a tier of these limits of the model, known to both replicas. */
  const place = async (username: Username, model: string, limits: LimitBody[], url = 'simulator:'): Promise<string> => {
    const [first, second] = replicas;
    await registerModel(first, { id: model, url });
    await placeInTier(
      first,
      username,
      limits.map(limit => ({ ...limit, model })),
    );
    const token = await first.mint(username);
    await until(
      'the other replica knows it',
      async () => (await second.call(`/${model}/v1/models`, { token })).status === 200,
    );
    await until('the other replica knows the tier', async () => {
      const head = await second.call(`/${model}/v1/chat/completions`, { method: 'HEAD', token });
      return ['requests', 'tokens'].some(unit => head.headers.get(`x-ratelimit-limit-${unit}`) !== null) || undefined;
    });
    return token;
  };
  const remainingAt = async (gateway: Gateway, model: string, token: string): Promise<number | undefined> =>
    limitHeaders((await gateway.call(`/${model}/v1/chat/completions`, { method: 'HEAD', token })).headers, 'requests')
      ?.remaining;
  const statusesOf = (answers: Answer[]) => answers.filter(({ status }) => status === 200).length;

  it('admit together what one would', async () => {
    const model = 'together';
    const token = await place('premium-user', model, [{ unit: 'requests', limit: 7, window: '10m' }]);
    const sent = Array.from({ length: 20 }, (_, n) => chat(replicas[n % 2]!, token, { model }));
    const answers = await Promise.all(sent);
    expect(statusesOf(answers)).toBe(7);
    const refused = answers.find(({ status }) => status === 429);
    expectError(refused!, 429, { param: 'requests' });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(500);
    for (const replica of replicas) expect(await remainingAt(replica, model, token)).toBe(0);
  });

  it('let one answer overshoot a token limit, not one each', async () => {
    const model = 'overshoot';
    const token = await place('premium-user', model, [{ unit: 'tokens', limit: 100, window: '10m' }]);
    const fields = { max_tokens: 60 };
    const sent = Array.from({ length: 60 }, (_, n) => chat(replicas[n % 2]!, token, { model, fields }));
    const used = (await Promise.all(sent))
      .filter(({ status }) => status === 200)
      .map(answer => answer.json<ChatCompletion>().usage.total_tokens);
    expect(used.reduce((sum, one) => sum + one, 0)).toBeLessThan(100 + Math.max(...used));
  });

  it('give back what a replica held that was killed, and count what it had used', async () => {
    const held = await startHeld({ prompt: 5, completion: 5 });
    const model = 'killed';
    try {
      const limits = [
        { unit: 'requests', limit: 9, window: '10m' },
        { unit: 'concurrency', limit: 1 },
      ];
      const token = await place('premium-user', model, limits, held.url);
      const left = chat(replicas[1], token, { model }).catch(() => 'gone');
      await until('the request is upstream', () => held.received.length === 1);
      expectError(await chat(replicas[0], token, { model }), 429, { param: 'concurrency' });
      await replicas[1].kill9();
      expect(await left).toBe('gone');
      held.release();
      await until('its slot is free', async () => (await chat(replicas[0], token, { model })).status === 200, 30_000);
      expect(await remainingAt(replicas[0], model, token)).toBe(7);
      await replicas[1].restart();
    } finally {
      await held.close();
    }
  });

  it('forget nothing when all of them start again', async () => {
    const model = 'restarted';
    const token = await place('premium-user', model, [{ unit: 'requests', limit: 5, window: '10m' }]);
    for (let request = 0; request < 3; request += 1)
      expect((await chat(replicas[request % 2]!, token, { model })).status).toBe(200);
    for (const replica of replicas) await replica.restart();
    for (const replica of replicas) expect(await remainingAt(replica, model, token)).toBe(2);
  });

  it('keep to their shares while Redis is gone, and share again when it is back, with nothing forgotten', async () => {
    const model = 'shares';
    const token = await place('premium-user', model, [{ unit: 'requests', limit: 10, window: '10m' }]);
    expect((await chat(replicas[0], token, { model })).status).toBe(200);
    await redis.kill9();
    for (const replica of replicas) await become(replica, 'local');
    const metrics = await (await fetch(`${replicas[0].metricsUrl}/metrics`)).text();
    expect(metrics).toContain('maas_quota_state{state="local"} 1');
    const sent = Array.from({ length: 24 }, (_, n) => chat(replicas[n % 2]!, token, { model }));
    // Half of ten each, of which the first has used one already.
    expect(statusesOf(await Promise.all(sent))).toBe(9);
    await redis.begin();
    for (const replica of replicas) await become(replica, 'shared');
    expect(await remainingAt(replicas[0], model, token)).toBe(0);
    expectError(await chat(replicas[1], token, { model }), 429, { param: 'requests' });
  });

  it('decide without a Redis that answers nothing', async () => {
    const model = 'frozen';
    const token = await place('premium-user', model, [{ unit: 'requests', limit: 10, window: '10m' }]);
    redis.freeze();
    try {
      const askedAt = performance.now();
      expect((await chat(replicas[0], token, { model })).status).toBe(200);
      expect(performance.now() - askedAt).toBeLessThan(5000);
      await become(replicas[0], 'local');
    } finally {
      redis.thaw();
    }
    for (const replica of replicas) await become(replica, 'shared');
    await until(
      'what was used meanwhile counts',
      async () => ((await remainingAt(replicas[1], model, token)) ?? 9) <= 9,
    );
  });

  it.each([
    ['closed', 503],
    ['open', 200],
  ])('do as QUOTA_FALLBACK=%s says where there is no Redis', async (fallback, status) => {
    const model = `fallback-${fallback}`;
    const token = await place('premium-user', model, [{ unit: 'requests', limit: 1, window: '10m' }]);
    const gateway = await start(fallback);
    try {
      await redis.kill9();
      await become(gateway, fallback);
      for (let request = 0; request < 3; request += 1)
        expect((await chat(gateway, token, { model })).status).toBe(status);
    } finally {
      await redis.begin();
      await gateway.dispose();
    }
  });
});
