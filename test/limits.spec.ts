import { expectError, type Answer } from './support/answer.js';
import { placeInTier, registerModel } from './support/catalog.js';
import { chat, type ChatCompletion } from './support/chat.js';
import { gate } from './support/gate.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { startHeld } from './support/held-upstream.js';
import { limitHeaders } from './support/rate-limit.js';
import { until } from './support/until.js';

// Each test has a user or a model of its own, because windows outlast a test.

const CHAT = '/simulator/v1/chat/completions';
const SECOND_MS = 1_000;

describe('limits', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  const headOf = (token: string, path = CHAT): Promise<Answer> => gateway.call(path, { method: 'HEAD', token });
  const expectLimited = (answer: Answer, param: string): number => {
    expectError(answer, 429, {
      message: 'Rate limit exceeded',
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      param,
    });
    const retryAfter = answer.headers.get('retry-after');
    expect(retryAfter).toMatch(/^[1-9]\d*$/);
    return Number(retryAfter);
  };

  it('stand in the headers of a list of models, which uses none of them up', async () => {
    const token = await gateway.mint('enterprise-user');
    for (const path of ['/v1/models', '/simulator/v1/models', '/v1/models/simulator']) {
      const { status, headers } = await gateway.call(path, { token });
      expect(status).toBe(200);
      expect(limitHeaders(headers, 'requests')).toMatchObject({ limit: 50, remaining: 50 });
      expect(limitHeaders(headers, 'tokens')).toMatchObject({ limit: 100_000, remaining: 100_000 });
    }
  });

  it('refuse a premium user’s 21st request within two minutes, and tell truly when to come again', async () => {
    const token = await gateway.mint('premium-user');
    const before = Date.now();
    const first = await chat(gateway, token, { fields: { max_tokens: 1 } });
    const after = Date.now();
    expect(first.status).toBe(200);
    expect(limitHeaders(first.headers, 'requests')).toMatchObject({ limit: 20, remaining: 19 });
    for (let request = 2; request <= 20; request += 1) {
      const answer = await chat(gateway, token, { fields: { max_tokens: 1 } });
      expect(answer.status).toBe(200);
      expect(limitHeaders(answer.headers, 'requests')?.remaining).toBe(20 - request);
    }
    const asked = Date.now();
    const refused = await chat(gateway, token);
    const told = Date.now();
    const retryAfterMs = expectLimited(refused, 'requests') * SECOND_MS;
    const windowMs = 120 * SECOND_MS;
    // Never earlier than the first request leaves the window; later by at most a bucket of the window and the rounding.
    expect(told + retryAfterMs).toBeGreaterThanOrEqual(before + windowMs);
    expect(asked + retryAfterMs).toBeLessThanOrEqual(after + windowMs + windowMs / 60 + SECOND_MS);
    expect(limitHeaders(refused.headers, 'requests')).toMatchObject({ limit: 20, remaining: 0 });
    expect(limitHeaders(refused.headers, 'tokens')).toMatchObject({ limit: 50_000 });
    const head = await headOf(token);
    expect(limitHeaders(head.headers, 'requests')).toMatchObject({ limit: 20, remaining: 0 });
  });

  it('tell clients that ignore long waits not to retry', async () => {
    const refused = await chat(gateway, await gateway.mint('premium-user'));
    expect(expectLimited(refused, 'requests')).toBeGreaterThan(60);
    expect(refused.headers.get('x-should-retry')).toBe('false');
  });

  it('hold for a person, whatever the number of tokens they have', async () => {
    for (let other = 0; other < 3; other += 1)
      expectLimited(await chat(gateway, await gateway.mint('premium-user')), 'requests');
  });

  it('are told exactly with every answer, and HEAD uses nothing up', async () => {
    const token = await gateway.mint('enterprise-user');
    const untouched = await headOf(token);
    expect(untouched.status).toBe(200);
    expect(untouched.text).toBe('');
    expect(limitHeaders(untouched.headers, 'requests')).toMatchObject({ limit: 50, remaining: 50 });
    expect(limitHeaders(untouched.headers, 'tokens')).toMatchObject({ limit: 100_000, remaining: 100_000 });
    const answer = await chat(gateway, token, { fields: { max_tokens: 500 } });
    expect(answer.status).toBe(200);
    const { total_tokens } = answer.json<ChatCompletion>().usage;
    expect(limitHeaders(answer.headers, 'requests')).toMatchObject({ limit: 50, remaining: 49 });
    expect(limitHeaders(answer.headers, 'tokens')).toMatchObject({ limit: 100_000, remaining: 100_000 - total_tokens });
    const requests = limitHeaders(answer.headers, 'requests');
    expect(requests?.resetMs).toBeGreaterThan(0);
    expect(requests?.resetMs).toBeLessThanOrEqual(122 * SECOND_MS);
    for (let again = 0; again < 3; again += 1) await headOf(token);
    expect(limitHeaders((await headOf(token)).headers, 'requests')?.remaining).toBe(49);
  });

  it('are not used up by requests that are refused for another reason', async () => {
    const token = await gateway.mint('enterprise-user');
    const remaining = async () => limitHeaders((await headOf(token)).headers, 'requests')?.remaining;
    const before = await remaining();
    const refusals = await Promise.all([
      gateway.call(CHAT, { token, body: 'not json' }),
      gateway.call('/v1/chat/completions', { token, body: {} }),
      gateway.call(CHAT, { token, body: { model: 'qwen3', messages: [] } }),
      gateway.call('/nonesuch/v1/chat/completions', { token, body: { model: 'nonesuch' } }),
      gateway.call(CHAT, { token: 'nonsense', body: {} }),
      gateway.call(CHAT, { token, body: 'x', headers: { 'content-type': 'text/plain' } }),
      gateway.call(CHAT, { token, method: 'DELETE' }),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400, 404, 401, 415, 405]);
    expect(await remaining()).toBe(before);
  });

  it('are not used up by requests to a model without an available upstream', async () => {
    await registerModel(gateway, { id: 'away', url: 'http://127.0.0.1:9/v1', upstream: { weight: 0 } });
    const token = await gateway.mint('premium-user');
    const before = limitHeaders((await headOf(token)).headers, 'requests')?.remaining;
    for (let sent = 0; sent < 3; sent += 1) {
      const refused = await chat(gateway, token, { model: 'away' });
      expectError(refused, 503, { code: 'upstream_unavailable', message: "The model 'away' has no healthy upstream" });
      expect(limitHeaders(refused.headers, 'requests')?.remaining).toBe(before);
    }
    expect(limitHeaders((await headOf(token)).headers, 'requests')?.remaining).toBe(before);
  });

  it('are not used up by a free user’s 403', async () => {
    const token = await gateway.mint('free-user');
    for (let request = 0; request < 6; request += 1) {
      expectError(await chat(gateway, token, { model: 'qwen3' }), 403, {
        message: 'Insufficient permissions for this model',
        type: 'permission_error',
        code: 'access_denied',
      });
    }
    expect(limitHeaders((await headOf(token)).headers, 'requests')).toMatchObject({ limit: 5, remaining: 5 });
  });

  it('admit the guide’s own request of 100 tokens to the free tier', async () => {
    const answer = await chat(gateway, await gateway.mint('free-user'), { fields: { max_tokens: 100 } });
    expect(answer.status).toBe(200);
  });

  it('are told to their owner as JSON too', async () => {
    const token = await gateway.mint('free-user');
    const head = await headOf(token);
    const me = (await gateway.call('/maas-api/v1/me', { token })).json<{
      limits: { unit: string; remaining: number }[];
    }>();
    const remaining = (unit: string) => me.limits.find(limit => limit.unit === unit)?.remaining;
    expect(remaining('requests')).toBe(limitHeaders(head.headers, 'requests')?.remaining);
    expect(remaining('requests')).toBe(4);
    expect(remaining('tokens')).toBeLessThan(100);
  });

  it('survive a restart, which is no fresh allowance', async () => {
    await gateway.restart();
    expectLimited(await chat(gateway, await gateway.mint('premium-user')), 'requests');
  });

  describe('of an administrator’s making', () => {
    const register = async (id: string) => {
      await registerModel(gateway, { id, url: 'simulator:' });
      return id;
    };

    it('admit the refused request once its Retry-After is over', async () => {
      const model = await register('short-window');
      await placeInTier(gateway, 'enterprise-user', [{ unit: 'requests', limit: 1, window: '2s', model }]);
      const token = await gateway.mint('enterprise-user');
      expect((await chat(gateway, token, { model })).status).toBe(200);
      const refused = await chat(gateway, token, { model });
      const due = Date.now() + expectLimited(refused, 'requests') * SECOND_MS;
      expect(refused.headers.get('x-should-retry')).toBeNull();
      await until('the told time is over', () => Date.now() >= due);
      expect((await chat(gateway, token, { model })).status).toBe(200);
    });

    it('stand side by side, and the one that binds is told', async () => {
      const model = await register('two-windows');
      await placeInTier(gateway, 'enterprise-user', [
        { unit: 'requests', limit: 100, window: '1m', model },
        { unit: 'requests', limit: 2, window: '24h', model },
      ]);
      const token = await gateway.mint('enterprise-user');
      const first = await chat(gateway, token, { model });
      expect(limitHeaders(first.headers, 'requests')).toMatchObject({ limit: 2, remaining: 1 });
      expect((await chat(gateway, token, { model })).status).toBe(200);
      const refused = await chat(gateway, token, { model });
      expect(expectLimited(refused, 'requests')).toBeGreaterThan(3600);
      expect(refused.headers.get('x-should-retry')).toBe('false');
    });

    it('have no headers where there is no limit', async () => {
      await placeInTier(gateway, 'enterprise-user', []);
      const answer = await chat(gateway, await gateway.mint('enterprise-user'));
      expect(answer.status).toBe(200);
      expect(limitHeaders(answer.headers, 'requests')).toBeUndefined();
      expect(limitHeaders(answer.headers, 'tokens')).toBeUndefined();
    });

    it('refuse the request too many at a time, and free the slot of one that ended', async () => {
      const held = await startHeld({ prompt: 5, completion: 5 });
      try {
        await registerModel(gateway, { id: 'two-at-a-time', url: held.url });
        await placeInTier(gateway, 'enterprise-user', [{ unit: 'concurrency', limit: 2 }]);
        const token = await gateway.mint('enterprise-user');
        const send = () => chat(gateway, token, { model: 'two-at-a-time' });
        const running = [send(), send()];
        await until('two requests are upstream', () => held.received.length === 2);
        expectLimited(await send(), 'concurrency');
        held.release();
        for (const answer of await Promise.all(running)) expect(answer.status).toBe(200);
        expect((await send()).status).toBe(200);
        expect(held.received).toHaveLength(3);
      } finally {
        await held.close();
      }
    });

    it('free the slot of a client that left', async () => {
      const held = await startHeld({ prompt: 5, completion: 5 });
      const model = 'one-at-a-time';
      try {
        await registerModel(gateway, { id: model, url: held.url });
        await placeInTier(gateway, 'enterprise-user', [{ unit: 'concurrency', limit: 1 }]);
        const token = await gateway.mint('enterprise-user');
        const leaving = new AbortController();
        const left = chat(gateway, token, { model, signal: leaving.signal }).catch(() => 'left');
        await until('the request is upstream', () => held.received.length === 1);
        expectLimited(await chat(gateway, token, { model }), 'concurrency');
        leaving.abort();
        expect(await left).toBe('left');
        held.release();
        await until('the slot is free', async () => (await chat(gateway, token, { model })).status === 200);
      } finally {
        await held.close();
      }
    });

    it('let no concurrent requests pile past a token limit', async () => {
      const held = await startHeld({ prompt: 10, completion: 300 });
      const model = 'reserved';
      try {
        await registerModel(gateway, { id: model, url: held.url });
        await placeInTier(gateway, 'admin-user', [{ unit: 'tokens', limit: 1000, window: '1m', model }]);
        const token = await gateway.mint('admin-user');
        const refused: Answer[] = [];
        const allRefused = gate();
        // Each reserves its prompt and 400 of output: the third takes the rest of the 1000, and nothing is left for more.
        const sent = Array.from({ length: 10 }, async () => {
          const answer = await chat(gateway, token, { model, fields: { max_tokens: 400 } });
          if (answer.status === 429 && refused.push(answer) === 7) allRefused.open();
          return answer;
        });
        await allRefused.opened;
        await until('three requests are upstream', () => held.received.length === 3);
        for (const answer of refused) {
          expectLimited(answer, 'tokens');
          expect(limitHeaders(answer.headers, 'tokens')).toMatchObject({ limit: 1000, remaining: 0 });
        }
        held.release();
        const statuses = (await Promise.all(sent)).map(({ status }) => status);
        expect(statuses.filter(status => status === 200)).toHaveLength(3);
        // Settled at 310 each: 70 are left, which admits one more, and charges what it really used.
        expect(limitHeaders((await headOf(token, `/${model}/v1/chat/completions`)).headers, 'tokens')?.remaining).toBe(
          70,
        );
        expect((await chat(gateway, token, { model, fields: { max_tokens: 400 } })).status).toBe(200);
        expectLimited(await chat(gateway, token, { model }), 'tokens');
      } finally {
        await held.close();
      }
    });

    it('charge a client that names a small cap for the long answer that it gets', async () => {
      const held = await startHeld({ prompt: 10, completion: 900 });
      held.release();
      const model = 'understated';
      try {
        await registerModel(gateway, { id: model, url: held.url });
        await placeInTier(gateway, 'admin-user', [{ unit: 'tokens', limit: 1000, window: '1m', model }]);
        const answer = await chat(gateway, await gateway.mint('admin-user'), { model, fields: { max_tokens: 1 } });
        expect(limitHeaders(answer.headers, 'tokens')).toMatchObject({ limit: 1000, remaining: 90 });
      } finally {
        await held.close();
      }
    });
  });
});
