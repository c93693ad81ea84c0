import { expectError, open } from './support/answer.js';
import { answering, EndpointStage, nobody } from './support/endpoint-stage.js';
import { until } from './support/until.js';
import { beginStream, sendJson, startUpstream } from './support/upstream.js';

describe('an endpoint', () => {
  let stage: EndpointStage;

  beforeAll(async () => {
    stage = await EndpointStage.start();
  });

  beforeEach(() => {
    stage.reply = nobody;
  });

  afterAll(() => stage.close());

  describe('of embeddings', () => {
    it.each([
      ['/every/v1/embeddings', 'every'],
      ['/v1/embeddings', 'every-alias'],
    ])('is served at %s, by the usage that is reported', async (path, model) => {
      const body = { object: 'list', data: [{ embedding: [0.5] }], usage: { prompt_tokens: 7, total_tokens: 7 } };
      stage.reply = answering(body);
      const { answer, received, entry } = await stage.ask(path, { model, input: ['one', 'two'] });
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
      stage.reply = answering({ object: 'list', data: [] });
      const { entry } = await stage.ask('/v1/embeddings', { model: 'every', input: ['hello', 'hello'] });
      expect(entry).toMatchObject({ inputTokens: 2, outputTokens: 0, usageSource: 'counted' });
    });
  });

  it.each([
    ['rerank', { query: 'q', documents: ['a'] }, { results: [], usage: { total_tokens: 14 } }, 14, 'reported'],
    ['score', { text_1: 'q', text_2: 'a' }, { data: [], usage: { prompt_tokens: 6, total_tokens: 6 } }, 6, 'reported'],
    ['rerank', { query: 'hello', documents: ['hello', { text: 'hello' }] }, { results: [] }, 3, 'counted'],
    ['score', { text_1: 'hello', text_2: ['hello', 'hello'] }, { data: [] }, 3, 'counted'],
    ['tokenize', { prompt: 'hello' }, { count: 1, tokens: [15339] }, 0, 'none'],
  ])('of %s is served: %j', async (path, fields, answer, inputTokens, usageSource) => {
    stage.reply = answering(answer);
    const { received, entry } = await stage.ask(`/every/v1/${path}`, { model: 'every', ...fields });
    expect(received?.path).toBe(`/v1/${path}`);
    expect(entry).toMatchObject({ endpoint: path, inputTokens, outputTokens: 0, usageSource });
  });

  describe('of images', () => {
    it('is charged by what is reported, also of pictures too large to be held', async () => {
      const usage = { input_tokens: 8, output_tokens: 1056, total_tokens: 1064 };
      stage.reply = answering({ created: 1, data: [{ b64_json: 'x'.repeat(600_000) }], usage });
      const { entry } = await stage.ask('/v1/images/generations', { model: 'every', prompt: 'a door' });
      expect(entry).toMatchObject({ inputTokens: 8, outputTokens: 1056, usageSource: 'reported' });
    });

    it('is estimated where nothing is reported, by as much as was reserved', async () => {
      stage.reply = answering({ created: 1, data: [{ url: 'https://x.test/1.png' }, { url: 'https://x.test/2.png' }] });
      const { entry } = await stage.ask('/v1/images/generations', { model: 'every', prompt: 'hello', n: 2 });
      expect(entry).toMatchObject({ inputTokens: 1, outputTokens: 128, usageSource: 'estimated' });
    });
  });

  describe('of speech', () => {
    it('passes the first bytes on at once, and charges the text', async () => {
      let finish = (): void => undefined;
      stage.reply = (_request, response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg' });
        response.write('ID3');
        finish = () => response.end('end');
      };
      const id = stage.newId();
      const body = { model: 'every', input: 'hello', voice: 'alloy' };
      const response = await open(`${stage.gateway.url}/v1/audio/speech`, {
        token: stage.token,
        body,
        headers: { 'x-request-id': id },
      });
      expect(response.headers.get('content-type')).toBe('audio/mpeg');
      const reader = response.body?.getReader();
      const first = (await reader?.read())?.value as Uint8Array;
      expect(Buffer.from(first).toString()).toBe('ID3');
      finish();
      expect(Buffer.from((await reader?.read())?.value as Uint8Array).toString()).toBe('end');
      expect((await reader?.read())?.done).toBe(true);
      expect(await stage.entryOf(id)).toMatchObject({
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
      stage.reply = (_request, response) => {
        beginStream(response);
        response.end(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''));
      };
      const body = { model: 'every', input: 'hello', voice: 'alloy', stream_format: 'sse' };
      const { entry } = await stage.ask('/v1/audio/speech', body);
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
        const answer = await stage.gateway.call(url, { token: stage.token, body: { model: 'chatty' } });
        expect({ url, status: answer.status, body: answer.text }).toMatchObject({
          status: 404,
          body: expect.stringContaining(`The model 'chatty' has no ${path}`) as string,
        });
      }
      expect((await stage.gateway.call(`/chatty/v1/${path}`, { method: 'HEAD', token: stage.token })).status).toBe(404);
      for (const url of [`/every/v1/${path}`, `/v1/${path}`]) {
        const head = await stage.gateway.call(url, { method: 'HEAD', token: await stage.gateway.mint('free-user') });
        expect(head.status).toBe(200);
        expect(head.headers.get('x-ratelimit-limit-requests')).toBe('5');
      }
    },
  );

  it('is asked of the upstreams alone that understand it', async () => {
    const other = await startUpstream((_request, response) => sendJson(response, 200, { from: 'other' }));
    stage.reply = answering({ from: 'first' });
    const upstreams = [
      { url: stage.upstream.url, endpoints: ['embeddings'] },
      { url: other.url, endpoints: ['rerank', 'score'] },
    ];
    await stage.gateway.admin('/models/every', { method: 'PATCH', body: { upstreams } });
    await until('the data plane knows', async () => {
      const answer = await stage.gateway.call('/v1/score', {
        token: stage.token,
        body: { model: 'every', text_1: 'a', text_2: 'b' },
      });
      return answer.text.includes('other');
    });
    for (const [path, from] of [
      ['embeddings', 'first'],
      ['rerank', 'other'],
    ]) {
      for (let request = 0; request < 5; request += 1)
        expect(
          (await stage.gateway.call(`/v1/${path}`, { token: stage.token, body: { model: 'every' } })).json(),
        ).toEqual({ from });
    }
    const unanswered = await stage.gateway.call('/v1/tokenize', {
      token: stage.token,
      body: { model: 'every', prompt: 'x' },
    });
    expectError(unanswered, 503, { code: 'upstream_unavailable' });
    await other.close();
  });
});
