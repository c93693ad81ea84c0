import type { Answer, CallOptions } from './support/answer.js';
import { placeInTier } from './support/catalog.js';
import { chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';

const CHAT = '/simulator/v1/chat/completions';
/** A body with a charset goes through Fastify and Nest's router, and one without goes directly. */
const WAYS = ['application/json', 'application/json; charset=utf-8'];

/** Of an answer, what does not change from one request to the next. */
const lastingOf = ({ status, headers, text }: Answer) => {
  const { id: _id, created: _created, ...body } = JSON.parse(text) as Record<string, unknown>;
  const names = [...headers.keys()].filter(name => !['connection', 'keep-alive', 'date'].includes(name)).sort();
  return { status, names, body, limit: headers.get('x-ratelimit-limit-requests') };
};

describe('a request of the data plane', () => {
  let gateway: Gateway;
  let token: string;
  let free: string;

  beforeAll(async () => {
    gateway = await startGateway();
    await placeInTier(gateway, 'premium-user', [{ unit: 'requests', limit: 1000, window: '1m' }]);
    token = await gateway.mint('premium-user');
    free = await gateway.mint('free-user');
  });

  afterAll(() => gateway.dispose());

  it.each<[string, string, () => CallOptions]>([
    ['chats', CHAT, () => ({ token, body: chatBody('simulator') })],
    [
      'chats with the model that the body names',
      '/v1/chat/completions',
      () => ({ token, body: chatBody('simulator') }),
    ],
    ['names nobody', CHAT, () => ({ body: chatBody('simulator') })],
    ['has a bad token', CHAT, () => ({ token: 'nonsense', body: chatBody('simulator') })],
    [
      'asks for a model of another tier',
      '/qwen3/v1/chat/completions',
      () => ({ token: free, body: chatBody('qwen3') }),
    ],
    [
      'asks for a model that is not there',
      '/nothing/v1/chat/completions',
      () => ({ token, body: chatBody('nothing') }),
    ],
    ['names two models', CHAT, () => ({ token, body: chatBody('qwen3') })],
    ['is no JSON', CHAT, () => ({ token, body: '{"model":' })],
    [
      'has an output cap that is no count',
      CHAT,
      () => ({ token, body: chatBody('simulator', { max_tokens: 'many' }) }),
    ],
    ['speaks to Anthropic’s API without a token', '/v1/messages', () => ({ body: chatBody('simulator') })],
    [
      'is told of an upstream that fails',
      CHAT,
      () => ({
        token,
        body: chatBody('simulator'),
        headers: { 'x-simulator-fault': 'status-500' },
      }),
    ],
  ])('that %s is answered alike whichever way it goes', async (_what, path, options) => {
    const { headers, ...rest } = options();
    const [direct, routed] = await Promise.all(
      WAYS.map(type => gateway.call(path, { ...rest, headers: { ...headers, 'content-type': type } })),
    );
    expect(lastingOf(direct as Answer)).toEqual(lastingOf(routed as Answer));
  });

  it('counts against the same limits whichever way it goes', async () => {
    const used = async () => {
      const me = (await gateway.call('/maas-api/v1/me', { token })).json<{
        limits: { unit: string; used: number }[];
      }>();
      return me.limits.find(({ unit }) => unit === 'requests')?.used ?? Number.NaN;
    };
    const before = await used();
    for (const type of WAYS)
      await gateway.call(CHAT, { token, body: chatBody('simulator'), headers: { 'content-type': type } });
    expect(await used()).toBe(before + WAYS.length);
  });
});
