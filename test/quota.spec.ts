import { expectError, type Answer } from './support/answer.js';
import { overrideTier, placeInTier, registerModel, type LimitBody } from './support/catalog.js';
import { chat, chatBody, type ChatCompletion } from './support/chat.js';
import { startGateway, type Gateway, type Username } from './support/gateway.js';
import { startHeld } from './support/held-upstream.js';
import { limitHeaders } from './support/rate-limit.js';
import { until } from './support/until.js';
import { completion, sendJson, startUpstream, type ReceivedChat } from './support/upstream.js';

interface LimitOfMe {
  unit: string;
  window?: string;
  model?: string;
  used: number;
  reserved: number;
}

describe('a quota', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  const limitsOf = async (username: Username): Promise<LimitOfMe[]> => {
    const answer = await gateway.call('/maas-api/v1/me', { token: gateway.identities[username] });
    return answer.json<{ limits: LimitOfMe[] }>().limits;
  };
  const usageOf = (answers: Answer[]): number[] =>
    answers.filter(({ status }) => status === 200).map(answer => answer.json<ChatCompletion>().usage.total_tokens);

  describe('of whoever is moved to another tier', () => {
    const daily: LimitBody = { unit: 'requests', limit: 3, window: '24h' };

    it('counts what was used before, in windows that are new as well, and after a restart', async () => {
      const token = await gateway.mint('premium-user');
      for (let request = 0; request < 2; request += 1) expect((await chat(gateway, token)).status).toBe(200);
      const tier = await placeInTier(gateway, 'premium-user', [
        daily,
        { unit: 'tokens', limit: 10_000, window: '48h' },
        { unit: 'requests', limit: 3, window: '36h', model: 'simulator' },
        { unit: 'requests', limit: 3, window: '36h', model: 'qwen3' },
      ]);
      const [requests, tokens, ofSimulator, ofOther] = await limitsOf('premium-user');
      expect(requests).toMatchObject({ used: 2 });
      expect(tokens?.used).toBeGreaterThan(2);
      expect(ofSimulator).toMatchObject({ used: 2 });
      expect(ofOther).toMatchObject({ used: 0 });
      expect((await chat(gateway, token)).status).toBe(200);
      expect((await chat(gateway, token)).status).toBe(429);
      const before = await limitsOf('premium-user');
      await gateway.restart();
      expect((await limitsOf('premium-user')).map(({ used }) => used)).toEqual(before.map(({ used }) => used));
      expect((await chat(gateway, token)).status).toBe(429);
      await overrideTier(gateway, 'premium-user', null);
      expect((await chat(gateway, token)).status).toBe(200);
      await overrideTier(gateway, 'premium-user', tier);
      expect((await limitsOf('premium-user'))[0]).toMatchObject({ used: 4 });
    });

    it('is no fresh one where a limit is taken away and made again', async () => {
      const tier = await placeInTier(gateway, 'enterprise-user', [{ unit: 'requests', limit: 2, window: '90m' }]);
      const change = (limits: LimitBody[]) => gateway.admin(`/tiers/${tier}`, { method: 'PATCH', body: { limits } });
      const token = await gateway.mint('enterprise-user');
      for (let request = 0; request < 2; request += 1) expect((await chat(gateway, token)).status).toBe(200);
      expect((await chat(gateway, token)).status).toBe(429);
      expect((await change([])).status).toBe(200);
      expect((await chat(gateway, token)).status).toBe(200);
      expect((await change([{ unit: 'requests', limit: 4, window: '90m' }])).status).toBe(200);
      expect((await limitsOf('enterprise-user'))[0]).toMatchObject({ used: 3 });
      expect((await chat(gateway, token)).status).toBe(200);
      expect((await chat(gateway, token)).status).toBe(429);
    });

    it('counts what runs, for a limit that is made meanwhile', async () => {
      const held = await startHeld({ prompt: 5, completion: 5 });
      try {
        await registerModel(gateway, { id: 'runs-meanwhile', url: held.url });
        await placeInTier(gateway, 'admin-user', []);
        const token = await gateway.mint('admin-user');
        const running = chat(gateway, token, { model: 'runs-meanwhile' });
        await until('the request is upstream', () => held.received.length === 1);
        await placeInTier(gateway, 'admin-user', [
          { unit: 'requests', limit: 9, window: '75m' },
          { unit: 'concurrency', limit: 1 },
        ]);
        expect((await limitsOf('admin-user')).map(({ used, reserved }) => [used, reserved])).toEqual([
          [1, 0],
          [0, 1],
        ]);
        expectError(await chat(gateway, token), 429, { param: 'concurrency' });
        held.release();
        expect((await running).status).toBe(200);
        expect((await limitsOf('admin-user')).map(({ used, reserved }) => [used, reserved])).toEqual([
          [1, 0],
          [0, 0],
        ]);
      } finally {
        await held.close();
      }
    });
  });

  it('of 100 tokens is overshot by one answer at most, by 200 requests at once', async () => {
    const model = 'overrun';
    await registerModel(gateway, { id: model, url: 'simulator:' });
    const limit = { unit: 'tokens', limit: 100, window: '10m', model };
    await placeInTier(gateway, 'free-user', [limit]);
    const token = await gateway.mint('free-user');
    const fields = { max_tokens: 60 };
    const answers = await Promise.all(Array.from({ length: 200 }, () => chat(gateway, token, { model, fields })));
    const used = usageOf(answers);
    const sum = used.reduce((total, one) => total + one, 0);
    expect(sum).toBeLessThan(100 + Math.max(...used));
    expect((await limitsOf('free-user'))[0]).toMatchObject({ used: sum, reserved: 0 });
  });

  describe('of a strict tier', () => {
    const strict = async (limits: LimitBody[]): Promise<string> => {
      await placeInTier(gateway, 'free-user', limits, true);
      return gateway.mint('free-user');
    };

    it('is never overshot, by 50 concurrent requests and by those that follow', async () => {
      const model = 'never-over';
      await registerModel(gateway, { id: model, url: 'simulator:' });
      const token = await strict([{ unit: 'tokens', limit: 400, window: '10m', model }]);
      const answers: Answer[] = [];
      for (let round = 0; round < 3; round += 1) {
        const sent = Array.from({ length: 50 }, () => chat(gateway, token, { model, fields: { max_tokens: 120 } }));
        answers.push(...(await Promise.all(sent)));
      }
      const used = usageOf(answers);
      expect(used.length).toBeGreaterThan(2);
      expect(used.reduce((total, one) => total + one, 0)).toBeLessThanOrEqual(400);
      const refused = answers.find(({ status }) => status === 429);
      expectError(refused!, 429, { param: 'tokens', code: 'rate_limit_exceeded' });
    });

    it('lowers the cap that goes upstream, whichever the caller names', async () => {
      const upstream = await startUpstream((_request, response) =>
        sendJson(response, 200, completion('short', { prompt: 5, completion: 1 })),
      );
      const model = 'lowered';
      try {
        await registerModel(gateway, { id: model, url: upstream.url, model: { defaultMaxTokens: 4096 } });
        const token = await strict([{ unit: 'output_tokens', limit: 1000, window: '10m', model }]);
        const send = async (fields: Record<string, unknown>): Promise<ReceivedChat> => {
          const before = upstream.received.length;
          const body = { ...chatBody(model, fields), ...('max_tokens' in fields ? {} : { max_tokens: undefined }) };
          expect((await chat(gateway, token, { model, body })).status).toBe(200);
          return JSON.parse(upstream.received[before]!.body) as ReceivedChat;
        };
        expect(await send({ max_tokens: 5000 })).toMatchObject({ max_tokens: 1000 });
        expect(await send({})).toMatchObject({ max_tokens: 999 });
        expect(await send({ max_completion_tokens: 5000, n: 2 })).toMatchObject({ max_completion_tokens: 499 });
        expect(await send({ max_tokens: 7 })).toMatchObject({ max_tokens: 7 });
      } finally {
        await upstream.close();
      }
    });

    it('refuses a prompt that is larger than what is left, and says that no wait helps where none does', async () => {
      const model = 'too-large';
      await registerModel(gateway, { id: model, url: 'simulator:' });
      const token = await strict([{ unit: 'tokens', limit: 300, window: '5m', model }]);
      const large = { messages: [{ role: 'user', content: 'word '.repeat(100) }] };
      const refused = await chat(gateway, token, { model, fields: large });
      expectError(refused, 429, { param: 'tokens', message: 'Rate limit exceeded' });
      expect(refused.headers.get('x-should-retry')).toBe('false');
      expect(limitHeaders(refused.headers, 'tokens')).toMatchObject({ limit: 300, remaining: 300 });
      expect((await chat(gateway, token, { model })).status).toBe(200);
    });
  });

  it.each([
    ['max_tokens', 'ten'],
    ['max_tokens', -1],
    ['max_tokens', 0],
    ['max_completion_tokens', 1.5],
    ['max_output_tokens', 1e308],
    ['n', 0],
    ['n', '3'],
  ])('is not used up by a request whose %s is %p', async (field, value) => {
    const token = await gateway.mint('admin-user');
    const answer = await chat(gateway, token, { fields: { [field]: value } });
    expectError(answer, 400, { code: 'invalid_request', param: field });
  });
});
