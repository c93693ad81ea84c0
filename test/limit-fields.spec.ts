import { parseList } from 'structured-headers';
import { expectError } from './support/answer.js';
import { placeInTier, registerModel } from './support/catalog.js';
import { chat, type ChatCompletion, chatBody } from './support/chat.js';
import { type Gateway, startGateway } from './support/gateway.js';
import { until } from './support/until.js';
import { completion, sendJson, startUpstream, type TestUpstream } from './support/upstream.js';

const CHAT = '/simulator/v1/chat/completions';

describe('the headers about limits and usage', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;

  beforeAll(async () => {
    gateway = await startGateway();
    upstream = await startUpstream((_request, response) =>
      sendJson(response, 200, completion('done', { prompt: 6, completion: 4 }), {
        'x-odhu-usage-total-tokens': '999',
        'ratelimit-policy': '"theirs";q=1',
        ratelimit: '"theirs";r=0',
      }),
    );
    await registerModel(gateway, {
      id: 'priced',
      url: upstream.url,
      model: {
        prices: { inputPerMillion: 100_000, cachedInputPerMillion: 0, outputPerMillion: 100_000, currency: 'USD' },
      },
    });
  });
  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  const members = (headers: Headers, name: string): Map<unknown, ReadonlyMap<string, unknown>> =>
    new Map(parseList(headers.get(name) ?? '').map(([item, parameters]) => [item, parameters]));

  it('are structured fields beside those of OpenAI, on answers, streams, refusals and HEAD alike', async () => {
    const token = await gateway.mint('free-user');
    const answers = [
      await gateway.call(CHAT, { token, method: 'HEAD' }),
      await chat(gateway, token),
      await chat(gateway, token, { fields: { stream: true } }),
      await gateway.call(CHAT, { token, body: '{' }),
      await gateway.call('/qwen3/v1/chat/completions', { token, body: {} }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 400, 403]);
    let refused = await chat(gateway, token);
    for (let sent = 0; sent < 6 && refused.status === 200; sent += 1) refused = await chat(gateway, token);
    expect(refused.status).toBe(429);
    for (const { headers } of [...answers, refused]) {
      const policy = members(headers, 'ratelimit-policy');
      const left = members(headers, 'ratelimit');
      expect([...policy.keys()]).toEqual(['requests-2m0s', 'tokens-1m0s']);
      expect(Object.fromEntries(policy.get('requests-2m0s') ?? [])).toEqual({ q: 5, w: 120, qu: 'requests' });
      expect(left.get('requests-2m0s')?.get('r')).toBe(Number(headers.get('x-ratelimit-remaining-requests')));
      expect(left.get('tokens-1m0s')?.get('r')).toBe(Number(headers.get('x-ratelimit-remaining-tokens')));
    }
  });

  it('tell what a whole answer was charged, whatever its upstream says of that', async () => {
    const token = await gateway.mint('enterprise-user');
    const answer = await gateway.call('/priced/v1/chat/completions', { token, body: chatBody('priced') });
    expect(answer.headers.get('x-odhu-usage-input-tokens')).toBe('6');
    expect(answer.headers.get('x-odhu-usage-output-tokens')).toBe('4');
    expect(answer.headers.get('x-odhu-usage-total-tokens')).toBe('10');
    expect(answer.headers.get('ratelimit')).not.toContain('theirs');
    const simulated = await chat(gateway, token);
    const { usage } = simulated.json<ChatCompletion>();
    expect(simulated.headers.get('x-odhu-usage-total-tokens')).toBe(String(usage.total_tokens));
    const stream = await chat(gateway, token, { fields: { stream: true } });
    expect(stream.headers.has('x-odhu-usage-total-tokens')).toBe(false);
  });

  it('name the budget that is used up, and the refusal counts as one for cost', async () => {
    const token = await gateway.mint('premium-user');
    await placeInTier(gateway, 'premium-user', [{ unit: 'cost', limit: 1_500_000, window: '24h' }]);
    const body = chatBody('priced');
    const path = '/priced/v1/chat/completions';
    for (let sent = 0; sent < 2; sent += 1) expect((await gateway.call(path, { token, body })).status).toBe(200);
    const refused = await gateway.call(path, { token, body });
    expectError(refused, 429, { type: 'insufficient_quota', code: 'insufficient_quota', param: 'cost' });
    expect(refused.text).toMatch(/The budget of 1\.5 per 24h0m0s is used up; it has room again in 2[34]h/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(23 * 3600);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    await until('the refusal is summed up', async () => {
      const usage = await gateway.call('/maas-api/v1/usage', { token });
      return usage.json<{ data: { refused: { cost: number } }[] }>().data[0]?.refused.cost === 1;
    });
  });
});
