import { expectError, open } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { openEvents } from './support/sse.js';
import { until } from './support/until.js';
import { beginStream, sendJson, startUpstream, type Reply, type TestUpstream } from './support/upstream.js';

const ALL = ['chat', 'responses', 'messages', 'embeddings', 'rerank', 'score', 'tokenize', 'images', 'speech'];

/** What the ledger tells of a request. */
interface Entry {
  requestId: string;
  endpoint: string;
  outcome: string;
  inputTokens: number;
  outputTokens: number;
  usageSource: string;
}

describe('an endpoint', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  let token: string;
  let reply: Reply;
  let asked = 0;

  beforeAll(async () => {
    gateway = await startGateway();
    upstream = await startUpstream((request, response) => reply(request, response));
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
    const model = { capabilities: ALL, aliases: ['every-alias'], defaultMaxTokens: 64 };
    await registerModel(gateway, { id: 'every', url: upstream.url, model, upstream: { model: 'served/every' } });
    await registerModel(gateway, { id: 'chatty', url: upstream.url, model: { capabilities: ['chat'] } });
  });

  beforeEach(() => {
    reply = () => {
      throw new Error('nobody was to ask');
    };
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  const answering = (body: unknown): Reply => {
    return (_request, response) => sendJson(response, 200, body);
  };
  const newId = (): string => `endpoint-${(asked += 1)}`;
  const entryOf = (requestId: string): Promise<Entry> =>
    until('the ledger has the entry', async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests', { token });
      return answer.json<{ data: Entry[] }>().data.find(entry => entry.requestId === requestId) ?? false;
    });

  /** Asks, and tells what the upstream got and what the ledger has. */
  const ask = async (path: string, body: object) => {
    const id = newId();
    const answer = await gateway.call(path, { token, body, headers: { 'x-request-id': id } });
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    const received = upstream.received.at(-1);
    return { answer, received, entry: await entryOf(id) };
  };

  describe('of embeddings', () => {
    it.each([
      ['/every/v1/embeddings', 'every'],
      ['/v1/embeddings', 'every-alias'],
    ])('is served at %s, by the usage that is reported', async (path, model) => {
      const body = { object: 'list', data: [{ embedding: [0.5] }], usage: { prompt_tokens: 7, total_tokens: 7 } };
      reply = answering(body);
      const { answer, received, entry } = await ask(path, { model, input: ['one', 'two'] });
      expect(answer.json()).toEqual(body);
      expect(received?.path).toBe('/v1/embeddings');
      expect(JSON.parse(received?.body ?? '')).toEqual({ model: 'served/every', input: ['one', 'two'] });
      expect(entry).toMatchObject({
        endpoint: 'embeddings',
        inputTokens: 7,
        outputTokens: 0,
        usageSource: 'reported',
      });
    });

    it('is counted where nothing is reported', async () => {
      reply = answering({ object: 'list', data: [] });
      const { entry } = await ask('/v1/embeddings', { model: 'every', input: ['hello', 'hello'] });
      expect(entry).toMatchObject({ inputTokens: 2, outputTokens: 0, usageSource: 'counted' });
    });
  });

  describe('of responses', () => {
    const usage = { input_tokens: 11, output_tokens: 5, total_tokens: 16 };

    it('is served whole', async () => {
      reply = answering({ object: 'response', status: 'completed', output: [], usage });
      const { received, entry } = await ask('/every/v1/responses', { model: 'every', input: 'hi', store: false });
      expect(received?.path).toBe('/v1/responses');
      expect(entry).toMatchObject({ endpoint: 'responses', inputTokens: 11, outputTokens: 5, usageSource: 'reported' });
    });

    it('is served as events, as they come', async () => {
      const events = [
        { type: 'response.created', response: { status: 'in_progress', usage: null } },
        { type: 'response.output_text.delta', delta: 'Hello' },
        { type: 'response.completed', response: { status: 'completed', usage } },
      ];
      reply = (request, response) => {
        expect(JSON.parse(request.body)).not.toHaveProperty('stream_options');
        beginStream(response);
        for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        response.end();
      };
      const id = newId();
      const body = { model: 'every', input: 'hi', stream: true };
      const stream = await openEvents(`${gateway.url}/v1/responses`, { token, body, headers: { 'x-request-id': id } });
      expect((await stream.rest()).map(event => JSON.parse(event) as unknown)).toEqual(events);
      expect(await entryOf(id)).toMatchObject({
        inputTokens: 11,
        outputTokens: 5,
        usageSource: 'reported',
        outcome: 'completed',
      });
    });

    it.each([
      [{ previous_response_id: 'resp_1' }, 404, 'previous_response_id'],
      [{ conversation: { id: 'conv_1' } }, 404, 'conversation'],
      [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 404, 'input'],
      [{ background: true }, 400, 'background'],
    ])('gives nobody what an upstream has stored of others: %j', async (fields, status, param) => {
      const answer = await gateway.call('/v1/responses', { token, body: { model: 'every', input: 'hi', ...fields } });
      expectError(answer, status, { param });
    });

    it.each(['/v1/responses/resp_1', '/every/v1/responses/resp_1'])('has no %s', async path => {
      expectError(await gateway.call(path, { token }), 404, { code: 'not_found' });
    });
  });

  describe('of messages', () => {
    const question = { model: 'every', messages: [{ role: 'user', content: 'hi' }], max_tokens: 10 };
    const expectMessagesError = (answer: { status: number; text: string }, status: number, type: string): void => {
      expect({ status: answer.status, body: JSON.parse(answer.text) as unknown }).toEqual({
        status,
        body: { type: 'error', error: { type, message: expect.any(String) as string } },
      });
    };

    it('takes the token as x-api-key, and keeps it from the upstream', async () => {
      const body = { type: 'message', content: [], usage: { input_tokens: 3, output_tokens: 2 } };
      reply = answering(body);
      const id = newId();
      const answer = await gateway.call('/v1/messages', {
        body: question,
        headers: {
          'x-api-key': token,
          'x-request-id': id,
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'context-1m',
        },
      });
      expect(answer.json()).toEqual(body);
      const received = upstream.received.at(-1);
      expect(received?.path).toBe('/v1/messages');
      expect(received?.headers).toMatchObject({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'context-1m' });
      expect(JSON.stringify(received?.headers)).not.toContain(token);
      expect(await entryOf(id)).toMatchObject({ inputTokens: 3, outputTokens: 2, usageSource: 'reported' });
    });

    it('is served as events, with the tokens that they tell', async () => {
      const events = [
        {
          type: 'message_start',
          message: { usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 } },
        },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } },
        { type: 'message_stop' },
      ];
      reply = (_request, response) => {
        beginStream(response);
        for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        response.end();
      };
      const id = newId();
      const stream = await openEvents(`${gateway.url}/every/v1/messages`, {
        token,
        body: { ...question, stream: true },
        headers: { 'x-request-id': id },
      });
      expect((await stream.rest()).map(event => JSON.parse(event) as unknown)).toEqual(events);
      expect(await entryOf(id)).toMatchObject({ inputTokens: 7, outputTokens: 9, usageSource: 'reported' });
    });

    it('tells of a failure within a stream in an event of its own', async () => {
      reply = (_request, response) => {
        beginStream(response);
        response.write('event: ping\ndata: {"type":"ping"}\n\n', () => response.destroy());
      };
      const answer = await gateway.call('/v1/messages', { token, body: { ...question, stream: true } });
      const event = answer.text.split('\n\n').at(-2)?.split('\n');
      expect(event?.[0]).toBe('event: error');
      expect(JSON.parse(event?.[1]?.slice('data: '.length) ?? '')).toEqual({
        type: 'error',
        error: { type: 'api_error', message: "The model's server failed" },
      });
    });

    it('tells of every refusal in the words of its API', async () => {
      const free = await gateway.mint('free-user');
      const send = (options: object, path = '/v1/messages') =>
        gateway.call(path, { token, body: question, ...options });
      expectMessagesError(await send({ token: 'nonsense' }), 401, 'authentication_error');
      expectMessagesError(await send({ token: undefined }), 401, 'authentication_error');
      expectMessagesError(await send({ body: '{' }), 400, 'invalid_request_error');
      expectMessagesError(await send({ headers: { 'content-type': 'text/plain' } }), 415, 'invalid_request_error');
      expectMessagesError(await send({ method: 'PUT' }), 405, 'invalid_request_error');
      expectMessagesError(await send({ body: { ...question, model: 'nonesuch' } }), 404, 'not_found_error');
      expectMessagesError(await send({ body: { ...question, model: 'chatty' } }), 404, 'not_found_error');
      const denied = await send({ token: free, body: { ...question, model: 'qwen3' } }, '/qwen3/v1/messages');
      expectMessagesError(denied, 403, 'permission_error');
      reply = (_request, response) => void response.destroy();
      expectMessagesError(await send({}), 502, 'api_error');
      reply = answering({ type: 'message', content: [], usage: { input_tokens: 200, output_tokens: 1 } });
      expect((await send({ token: free })).status).toBe(200);
      expectMessagesError(await send({ token: free }), 429, 'rate_limit_error');
    });

    it('counts tokens for nothing', async () => {
      reply = answering({ input_tokens: 12 });
      const { received, entry } = await ask('/v1/messages/count_tokens', question);
      expect(received?.path).toBe('/v1/messages/count_tokens');
      expect(entry).toMatchObject({ inputTokens: 0, outputTokens: 0, usageSource: 'none', outcome: 'completed' });
    });
  });

  it.each([
    ['rerank', { query: 'q', documents: ['a'] }, { results: [], usage: { total_tokens: 14 } }, 14, 'reported'],
    ['score', { text_1: 'q', text_2: 'a' }, { data: [], usage: { prompt_tokens: 6, total_tokens: 6 } }, 6, 'reported'],
    ['rerank', { query: 'hello', documents: ['hello', { text: 'hello' }] }, { results: [] }, 3, 'counted'],
    ['score', { text_1: 'hello', text_2: ['hello', 'hello'] }, { data: [] }, 3, 'counted'],
    ['tokenize', { prompt: 'hello' }, { count: 1, tokens: [15339] }, 0, 'none'],
  ])('of %s is served: %j', async (path, fields, answer, inputTokens, usageSource) => {
    reply = answering(answer);
    const { received, entry } = await ask(`/every/v1/${path}`, { model: 'every', ...fields });
    expect(received?.path).toBe(`/v1/${path}`);
    expect(entry).toMatchObject({ endpoint: path, inputTokens, outputTokens: 0, usageSource });
  });

  describe('of images', () => {
    it('is charged by what is reported, also of pictures too large to be held', async () => {
      const usage = { input_tokens: 8, output_tokens: 1056, total_tokens: 1064 };
      reply = answering({ created: 1, data: [{ b64_json: 'x'.repeat(600_000) }], usage });
      const { entry } = await ask('/v1/images/generations', { model: 'every', prompt: 'a door' });
      expect(entry).toMatchObject({ inputTokens: 8, outputTokens: 1056, usageSource: 'reported' });
    });

    it('is estimated where nothing is reported, by as much as was reserved', async () => {
      reply = answering({ created: 1, data: [{ url: 'https://x.test/1.png' }, { url: 'https://x.test/2.png' }] });
      const { entry } = await ask('/v1/images/generations', { model: 'every', prompt: 'hello', n: 2 });
      expect(entry).toMatchObject({ inputTokens: 1, outputTokens: 128, usageSource: 'estimated' });
    });
  });

  describe('of speech', () => {
    it('passes the first bytes on at once, and charges the text', async () => {
      let finish = (): void => undefined;
      reply = (_request, response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg' });
        response.write('ID3');
        finish = () => response.end('end');
      };
      const id = newId();
      const body = { model: 'every', input: 'hello', voice: 'alloy' };
      const response = await open(`${gateway.url}/v1/audio/speech`, { token, body, headers: { 'x-request-id': id } });
      expect(response.headers.get('content-type')).toBe('audio/mpeg');
      const reader = response.body?.getReader();
      const first = (await reader?.read())?.value as Uint8Array;
      expect(Buffer.from(first).toString()).toBe('ID3');
      finish();
      expect(Buffer.from((await reader?.read())?.value as Uint8Array).toString()).toBe('end');
      expect((await reader?.read())?.done).toBe(true);
      expect(await entryOf(id)).toMatchObject({
        endpoint: 'audio/speech',
        inputTokens: 1,
        outputTokens: 0,
        usageSource: 'counted',
      });
    });

    it('is served as events', async () => {
      const events = [
        { type: 'speech.audio.delta', audio: 'SUQz' },
        { type: 'speech.audio.done', usage: { input_tokens: 2, output_tokens: 30, total_tokens: 32 } },
      ];
      reply = (_request, response) => {
        beginStream(response);
        response.end(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''));
      };
      const body = { model: 'every', input: 'hello', voice: 'alloy', stream_format: 'sse' };
      const { entry } = await ask('/v1/audio/speech', body);
      expect(entry).toMatchObject({
        inputTokens: 2,
        outputTokens: 30,
        usageSource: 'reported',
        outcome: 'completed',
      });
    });
  });

  it.each(['responses', 'messages', 'embeddings', 'rerank', 'score', 'tokenize', 'images/generations', 'audio/speech'])(
    'is there for the models alone that can do it: %s',
    async path => {
      for (const url of [`/chatty/v1/${path}`, `/v1/${path}`]) {
        const answer = await gateway.call(url, { token, body: { model: 'chatty' } });
        expect({ url, status: answer.status, body: answer.text }).toMatchObject({
          status: 404,
          body: expect.stringContaining(`The model 'chatty' has no ${path}`) as string,
        });
      }
      expect((await gateway.call(`/chatty/v1/${path}`, { method: 'HEAD', token })).status).toBe(404);
      for (const url of [`/every/v1/${path}`, `/v1/${path}`]) {
        const head = await gateway.call(url, { method: 'HEAD', token: await gateway.mint('free-user') });
        expect(head.status).toBe(200);
        expect(head.headers.get('x-ratelimit-limit-requests')).toBe('5');
      }
    },
  );

  it('is asked of the upstreams alone that understand it', async () => {
    const other = await startUpstream((_request, response) => sendJson(response, 200, { from: 'other' }));
    reply = answering({ from: 'first' });
    const upstreams = [
      { url: upstream.url, endpoints: ['embeddings'] },
      { url: other.url, endpoints: ['rerank', 'score'] },
    ];
    await gateway.admin('/models/every', { method: 'PATCH', body: { upstreams } });
    await until('the data plane knows', async () => {
      const answer = await gateway.call('/v1/score', { token, body: { model: 'every', text_1: 'a', text_2: 'b' } });
      return answer.text.includes('other');
    });
    for (const [path, from] of [
      ['embeddings', 'first'],
      ['rerank', 'other'],
    ]) {
      for (let request = 0; request < 5; request += 1)
        expect((await gateway.call(`/v1/${path}`, { token, body: { model: 'every' } })).json()).toEqual({ from });
    }
    const nobody = await gateway.call('/v1/tokenize', { token, body: { model: 'every', prompt: 'x' } });
    expectError(nobody, 503, { code: 'upstream_unavailable' });
    await other.close();
  });
});
