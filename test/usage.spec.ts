import { expectError } from './support/answer.js';
import { liftLimits, placeInTier, registerModel, subjectOf } from './support/catalog.js';
import { chat, chatBody, type ChatCompletion } from './support/chat.js';
import { decodeJwt } from './support/jwt.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { openEvents, parseChunks } from './support/sse.js';
import { until } from './support/until.js';

interface Entry {
  id: string;
  requestId: string;
  startedAt: string;
  firstByteAt: string | null;
  endedAt: string;
  subject: string;
  tier: string;
  credential: { type: string; id: string };
  model: string;
  upstream: string | null;
  endpoint: string;
  streamed: boolean;
  outcome: string;
  status: number;
  inputTokens: number;
  outputTokens: number;
  usageSource: string;
  bytesIn: number;
  bytesOut: number;
}

interface Page<T> {
  object: string;
  data: T[];
  has_more: boolean;
}

interface Sum {
  model?: string;
  day?: string;
  credential?: string;
  user?: string;
  tier?: string;
  requests: number;
  inputTokens: number;
  outputTokens: number;
  costMicros: number;
  refused: { requests: number; tokens: number; cost: number; concurrency: number; access: number };
}

const ENTRIES = '/maas-api/v1/usage/requests';
const SUMS = '/maas-api/v1/usage';

describe('usage', () => {
  let gateway: Gateway;
  let token: string;
  const spent = { requests: 0, input: 0, output: 0 };
  const read = async <T>(path: string, as = token): Promise<Page<T>> => {
    const answer = await gateway.call(path, { token: as });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json<Page<T>>();
  };
  const entries = (count: number): Promise<Entry[]> =>
    until(`the ledger has ${count} entries`, async () => {
      const { data } = await read<Entry>(`${ENTRIES}?limit=100`);
      return data.length >= count && data;
    });

  beforeAll(async () => {
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(() => gateway.dispose());

  it('is entered for each request exactly as the answer reported it', async () => {
    for (let request = 1; request <= 5; request += 1) {
      const requestId = `usage-${request}`;
      const fields = { max_tokens: request * 3, messages: [{ role: 'user', content: 'word '.repeat(request) }] };
      const answer = await chat(gateway, token, { fields, headers: { 'x-request-id': requestId } });
      const { usage } = answer.json<ChatCompletion>();
      const [entry] = (await entries(request)).filter(entered => entered.requestId === requestId);
      expect(entry).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        subject: await subjectOf(gateway, 'enterprise-user'),
        credential: { type: 'token', id: decodeJwt(token).claims['jti'] },
        model: 'simulator',
        streamed: false,
        outcome: 'completed',
        status: 200,
        inputTokens: usage.prompt_tokens,
        outputTokens: usage.completion_tokens,
        usageSource: 'reported',
      });
      expect(entry?.endpoint).toMatch(/chat/);
      spent.requests += 1;
      spent.input += usage.prompt_tokens;
      spent.output += usage.completion_tokens;
    }
  });

  it('is entered for a stream exactly as its last chunk reported it', async () => {
    const body = chatBody('simulator', { stream: true, stream_options: { include_usage: true } });
    const stream = await openEvents(`${gateway.url}/simulator/v1/chat/completions`, { token, body });
    const { usage } = parseChunks(await stream.rest()).at(-1) ?? {};
    const [entry] = await entries(spent.requests + 1);
    expect(entry).toMatchObject({
      streamed: true,
      outcome: 'completed',
      inputTokens: usage?.prompt_tokens,
      outputTokens: usage?.completion_tokens,
      usageSource: 'reported',
    });
    spent.requests += 1;
    spent.input += usage?.prompt_tokens ?? 0;
    spent.output += usage?.completion_tokens ?? 0;
  });

  it('counts the bytes of request and answer', async () => {
    const body = JSON.stringify(chatBody('simulator'));
    const answer = await gateway.call('/simulator/v1/chat/completions', { token, body });
    const { usage } = answer.json<ChatCompletion>();
    spent.requests += 1;
    spent.input += usage.prompt_tokens;
    spent.output += usage.completion_tokens;
    const [entry] = await entries(spent.requests);
    expect(entry).toMatchObject({ bytesIn: Buffer.byteLength(body), bytesOut: Buffer.byteLength(answer.text) });
  });

  it('has its times in order, in RFC 3339 and UTC', async () => {
    for (const { startedAt, firstByteAt, endedAt } of await entries(spent.requests)) {
      for (const time of [startedAt, firstByteAt, endedAt])
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      expect(startedAt <= (firstByteAt ?? '') && (firstByteAt ?? '') <= endedAt).toBe(true);
    }
  });

  it('uses the request’s id where the gateway made it', async () => {
    const answer = await chat(gateway, token, { fields: { max_tokens: 2 } });
    const { usage } = answer.json<ChatCompletion>();
    spent.requests += 1;
    spent.input += usage.prompt_tokens;
    spent.output += usage.completion_tokens;
    const [entry] = await entries(spent.requests);
    expect(entry?.id).toBe(answer.headers.get('x-request-id'));
  });

  it('never holds a prompt or an answer', async () => {
    const answer = await gateway.call(`${ENTRIES}?limit=100`, { token });
    expect(answer.text).not.toContain('word word');
  });

  it('sums up to exactly what the answers reported', async () => {
    const { object, data } = await read<Sum>(`${SUMS}?groupBy=model`);
    expect(object).toBe('list');
    expect(data).toEqual([
      expect.objectContaining({
        model: 'simulator',
        requests: spent.requests,
        inputTokens: spent.input,
        outputTokens: spent.output,
        refused: { requests: 0, tokens: 0, cost: 0, concurrency: 0, access: 0 },
      }),
    ]);
  });

  it.each(['model', 'day', 'hour', 'credential', 'model,day', 'day,credential'])(
    'is the same grouped by %s',
    async groupBy => {
      const { data } = await read<Sum>(`${SUMS}?groupBy=${groupBy}`);
      const total = (key: 'requests' | 'inputTokens' | 'outputTokens') => data.reduce((sum, row) => sum + row[key], 0);
      expect(total('requests')).toBe(spent.requests);
      expect(total('inputTokens')).toBe(spent.input);
      expect(total('outputTokens')).toBe(spent.output);
      for (const key of groupBy.split(',')) expect(data[0]).toHaveProperty(key);
    },
  );

  it('is one sum where no grouping is asked for', async () => {
    const { data } = await read<Sum>(SUMS);
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ requests: spent.requests, inputTokens: spent.input, outputTokens: spent.output });
  });

  it('is bounded by from and to', async () => {
    const past = await read<Sum>(`${SUMS}?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&groupBy=model`);
    expect(past.data).toEqual([]);
    const { data } = await read<Entry>(`${ENTRIES}?from=2020-01-01T00:00:00Z&limit=100`);
    expect(data).toHaveLength(spent.requests);
    expectError(await gateway.call(`${SUMS}?groupBy=colour`, { token }), 400, {
      code: 'invalid_request',
      param: 'groupBy',
    });
    expectError(await gateway.call(`${SUMS}?groupBy=user`, { token }), 400, {
      code: 'invalid_request',
      param: 'groupBy',
    });
  });

  it('is paged newest first, each entry once', async () => {
    const all = await entries(spent.requests);
    const paged: Entry[] = [];
    for (let after = ''; ;) {
      const page = await read<Entry>(`${ENTRIES}?limit=2${after}`);
      expect(page.data.length).toBeLessThanOrEqual(2);
      paged.push(...page.data);
      if (!page.has_more) break;
      after = `&after=${page.data.at(-1)?.id ?? ''}`;
    }
    expect(paged.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const starts = paged.map(({ startedAt }) => startedAt);
    expect(starts).toEqual([...starts].sort().reverse());
  });

  it('is a person’s own', async () => {
    const stranger = await gateway.mint('free-user');
    expect((await read<Entry>(ENTRIES, stranger)).data).toEqual([]);
    expectError(await gateway.call('/maas-api/v1/admin/usage', { token: stranger }), 403, { code: 'access_denied' });
  });

  it('tells refusals as sums and not as entries', async () => {
    await registerModel(gateway, { id: 'scarce', url: 'simulator:' });
    await placeInTier(gateway, 'premium-user', [{ unit: 'requests', limit: 1, window: '1h', model: 'scarce' }]);
    const premium = await gateway.mint('premium-user');
    const free = await gateway.mint('free-user');
    for (let request = 0; request < 4; request += 1) await chat(gateway, premium, { model: 'scarce' });
    for (let request = 0; request < 3; request += 1) await chat(gateway, free, { model: 'qwen3' });
    const sumsOf = (as: string, model: string, what: 'requests' | 'access', count: number) =>
      until(`${count} refusals are summed`, async () => {
        const { data } = await read<Sum>(`${SUMS}?groupBy=model`, as);
        const row = data.find(sum => sum.model === model);
        return row?.refused[what] === count && row;
      });
    expect(await sumsOf(premium, 'scarce', 'requests', 3)).toMatchObject({ requests: 1 });
    expect(await sumsOf(free, 'qwen3', 'access', 3)).toMatchObject({ requests: 0 });
    expect((await read<Entry>(ENTRIES, premium)).data).toHaveLength(1);
  });

  it('is kept through kill -9 and a restart', async () => {
    await gateway.kill9();
    await gateway.restart();
    expect(await entries(spent.requests)).toHaveLength(spent.requests);
    const { data } = await read<Sum>(SUMS);
    expect(data[0]).toMatchObject({ requests: spent.requests, inputTokens: spent.input, outputTokens: spent.output });
  });
});
