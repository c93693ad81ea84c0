import { brotliCompressSync, gzipSync } from 'node:zlib';
import { open } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat, chatBody, type ChatCompletion } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { contentOf, openEvents, parseChunks } from './support/sse.js';
import {
  beginStream,
  chunk,
  completion,
  DONE,
  sendJson,
  startUpstream,
  usageOf,
  type Reply,
  type TestUpstream,
} from './support/upstream.js';
import { until } from './support/until.js';

interface Entry {
  model: string;
  outcome: string;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  usageSource: string;
  costMicros: number;
}

describe('the count of tokens', () => {
  let gateway: Gateway;
  let token: string;
  const upstreams: TestUpstream[] = [];
  let models = 0;

  beforeAll(async () => {
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    for (const upstream of upstreams) await upstream.close();
  });

  const serve = async (reply: Reply, model = {}): Promise<string> => {
    const upstream = await startUpstream(reply);
    upstreams.push(upstream);
    const id = `counted-${(models += 1)}`;
    await registerModel(gateway, { id, url: upstream.url, model });
    return id;
  };
  const simulate = async (fault: string): Promise<string> => {
    const id = `fault-${fault}`;
    await registerModel(gateway, { id, url: 'simulator:', upstream: { model: id } });
    return id;
  };
  const streamOf = (model: string, fields = {}, signal?: AbortSignal) =>
    openEvents(`${gateway.url}/${model}/v1/chat/completions`, {
      token,
      body: chatBody(model, { stream: true, ...fields }),
      signal,
    });
  const bytesOf = async (model: string, fields = {}): Promise<string> => {
    const body = chatBody(model, { stream: true, ...fields });
    return (await open(`${gateway.url}/${model}/v1/chat/completions`, { token, body })).text();
  };
  const entryOf = (model: string): Promise<Entry> =>
    until(`the ledger has the request to ${model}`, async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests?limit=100', { token });
      return answer.json<{ data: Entry[] }>().data.find(entry => entry.model === model);
    });

  it('keeps cached input and reasoning apart, and prices them by the catalog', async () => {
    const usage = {
      ...usageOf({ prompt: 1000, completion: 500 }),
      prompt_tokens_details: { cached_tokens: 400 },
      completion_tokens_details: { reasoning_tokens: 300 },
    };
    const prices = { inputPerMillion: 2, cachedInputPerMillion: 0.5, outputPerMillion: 10, currency: 'USD' };
    const reply: Reply = (request, response) => {
      if (!request.body.includes('"stream":true'))
        return sendJson(response, 200, { ...completion('Hi', { prompt: 0, completion: 0 }), usage });
      beginStream(response);
      response.end(chunk('Hi') + chunk(undefined, { usage }) + DONE);
    };
    for (const stream of [true, false]) {
      const model = await serve(reply, { prices });
      expect((await chat(gateway, token, { model, fields: { stream } })).status).toBe(200);
      expect(await entryOf(model)).toMatchObject({
        inputTokens: 1000,
        cachedInputTokens: 400,
        outputTokens: 500,
        reasoningTokens: 300,
        usageSource: 'reported',
        costMicros: 600 * 2 + 400 * 0.5 + 500 * 10,
      });
    }
  });

  it('is made of prompt and answer where the upstream reports none, before the answer is whole', async () => {
    const model = await simulate('no-usage');
    const answer = await chat(gateway, token, { model, fields: { max_tokens: 100 } });
    expect(answer.json<Partial<ChatCompletion>>().usage).toBeUndefined();
    expect(await entryOf(model)).toMatchObject({
      outcome: 'completed',
      inputTokens: 9,
      outputTokens: 12,
      usageSource: 'counted',
    });
  });

  it('tells reasoning apart where it counts by itself', async () => {
    const model = await serve((_request, response) => {
      beginStream(response);
      const delta = (fields: object) => chunk(undefined, { choices: [{ index: 0, delta: fields }] });
      response.end(delta({ reasoning_content: 'Let me think' }) + delta({ content: 'Hello' }) + DONE);
    });
    expect((await (await streamOf(model)).rest()).at(-1)).toBe('[DONE]');
    expect(await entryOf(model)).toMatchObject({ outputTokens: 4, reasoningTokens: 3, usageSource: 'counted' });
  });

  it('is an estimate where the prompt has an image', async () => {
    const model = await serve((_request, response) => {
      beginStream(response);
      response.end(chunk('Hello') + DONE);
    });
    const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }];
    await (await streamOf(model, { messages: [{ role: 'user', content }] })).rest();
    expect(await entryOf(model)).toMatchObject({ outputTokens: 1, usageSource: 'estimated' });
  });

  it('is not hung by a prompt of one letter, nor are others', async () => {
    const reply: Reply = (_request, response) => {
      beginStream(response);
      response.end(chunk('Hello') + chunk(' there') + DONE);
    };
    const [long, short] = [await serve(reply), await serve(reply)];
    const messages = [{ role: 'user', content: 'a'.repeat(5_000_000) }];
    const answers = await Promise.all([
      chat(gateway, token, { model: long, fields: { messages, stream: true } }),
      chat(gateway, token, { model: short, fields: { stream: true } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await entryOf(long)).toMatchObject({ outputTokens: 2, usageSource: 'estimated' });
    expect(await entryOf(short)).toMatchObject({ inputTokens: 9, outputTokens: 2, usageSource: 'counted' });
  });

  it('has what was relayed before an error of the upstream, which the client is told as one of ours', async () => {
    const model = await simulate('error-after-3');
    const events = await (await streamOf(model)).rest();
    expect(events).not.toContain('[DONE]');
    expect(parseChunks(events).at(-1)?.error).toMatchObject({ type: 'api_error', code: 'upstream_error' });
    expect(await entryOf(model)).toMatchObject({
      outcome: 'upstream_failed',
      inputTokens: 9,
      outputTokens: 3,
      usageSource: 'counted',
    });
  });

  it.each(['gzip', 'brotli'])('sees through %s that nobody asked for, streamed or not', async encoding => {
    const model = await simulate(encoding);
    const response = await open(`${gateway.url}/${model}/v1/chat/completions`, { token, body: chatBody(model) });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(((await response.json()) as ChatCompletion).choices[0]?.message.content).toContain('Hello');
    const events = await (await streamOf(model, { max_tokens: 100 })).rest();
    expect(contentOf(parseChunks(events))).toBe('Hello! I am doing well, thank you for asking.');
    expect(events.at(-1)).toBe('[DONE]');
    expect(await entryOf(model)).toMatchObject({ inputTokens: 9, usageSource: 'reported' });
  });

  it('passes an encoded stream on event by event', async () => {
    const model = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      // A gzip file may have several members: each is whole by itself.
      response.write(gzipSync(chunk('one')));
    });
    const leaving = new AbortController();
    expect(await (await streamOf(model, {}, leaving.signal)).next()).toContain('"one"');
    leaving.abort();
  });

  it('refuses an encoding that it does not know, and one that is false', async () => {
    for (const encoding of ['compress', 'gzip']) {
      const model = await serve((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
        response.end(brotliCompressSync('{}'));
      });
      expect((await chat(gateway, token, { model })).status).toBe(502);
    }
  });

  it.each(['crlf', 'comments', 'crlf.comments'])('leaves a stream with %s as it is but for the usage', async fault => {
    const model = await simulate(fault);
    const plain = await bytesOf('simulator', { max_tokens: 100 });
    const neutral = (text: string) =>
      text.replaceAll(/"(id|model)":"[^"]*"/g, '"$1":""').replaceAll(/"created":\d+/g, '"created":0');
    let expected = neutral(plain);
    if (fault.includes('comments')) expected = expected.replaceAll('data: ', ': a comment\n\ndata: ');
    if (fault.includes('crlf')) expected = expected.replaceAll('\n', '\r\n');
    // Of the hidden chunk its comment is left, which is an event of its own.
    const passed = neutral(await bytesOf(model, { max_tokens: 100 })).replace(/(: a comment(?:\r?\n){2})\1/, '$1');
    expect(passed).toBe(expected);
    expect(await entryOf(model)).toMatchObject({ outputTokens: 12, usageSource: 'reported' });
  });
});
