import { expectError } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { gate, type Gate } from './support/gate.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { contentOf, openEvents, parseChunks, type EventStream } from './support/sse.js';
import {
  beginStream,
  chunk,
  DONE,
  startUpstream,
  usageOf,
  type ReceivedChat,
  type Reply,
  type TestUpstream,
} from './support/upstream.js';
import { until } from './support/until.js';

interface Entry {
  outcome: string;
  model: string;
  streamed: boolean;
  status: number;
  inputTokens: number;
  outputTokens: number;
  usageSource: string;
}

describe('streaming', () => {
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

  const serve = async (reply: Reply): Promise<{ model: string; upstream: TestUpstream }> => {
    const upstream = await startUpstream(reply);
    upstreams.push(upstream);
    const model = `streamed-${(models += 1)}`;
    await registerModel(gateway, { id: model, url: upstream.url, upstream: { features: ['include_usage'] } });
    return { model, upstream };
  };
  const stream = (model: string, fields = {}, signal?: AbortSignal): Promise<EventStream> =>
    openEvents(`${gateway.url}/${model}/v1/chat/completions`, {
      token,
      body: chatBody(model, { stream: true, ...fields }),
      signal,
    });
  const entryOf = (model: string): Promise<Entry> =>
    until(`the ledger has the request to ${model}`, async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests?limit=100', { token });
      return answer.json<{ data: Entry[] }>().data.find(entry => entry.model === model);
    });
  const wholeStream: Reply = (request, response) => {
    const { stream_options } = JSON.parse(request.body) as ReceivedChat;
    beginStream(response);
    response.write(chunk('Hello'));
    response.write(chunk(' there'));
    if (stream_options?.['include_usage'])
      response.write(chunk(undefined, { usage: usageOf({ prompt: 11, completion: 7 }) }));
    response.end(DONE);
  };

  it('passes each event on as it comes', async () => {
    const steps: Gate[] = [gate(), gate()];
    const { model } = await serve(async (_request, response) => {
      beginStream(response);
      response.write(chunk('one'));
      await steps[0]?.opened;
      response.write(chunk('two'));
      await steps[1]?.opened;
      response.end(DONE);
    });
    const events = await stream(model);
    expect(events.response.status).toBe(200);
    expect(events.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    // The upstream sends no further event before the client has the one before.
    expect(await events.next()).toContain('"one"');
    steps[0]?.open();
    expect(await events.next()).toContain('"two"');
    steps[1]?.open();
    expect(await events.rest()).toEqual(['[DONE]']);
  });

  it('asks the upstream for usage, and takes it out where the client has not asked', async () => {
    const { model, upstream } = await serve(wholeStream);
    const events = await (await stream(model)).rest();
    expect((JSON.parse(upstream.received[0]?.body ?? '{}') as ReceivedChat).stream_options).toMatchObject({
      include_usage: true,
    });
    expect(events.at(-1)).toBe('[DONE]');
    expect(events).toHaveLength(3);
    const chunks = parseChunks(events);
    expect(contentOf(chunks)).toBe('Hello there');
    for (const { usage } of chunks) expect(usage ?? null).toBeNull();
    expect(await entryOf(model)).toMatchObject({
      outcome: 'completed',
      streamed: true,
      status: 200,
      inputTokens: 11,
      outputTokens: 7,
      usageSource: 'reported',
    });
  });

  it('shows usage to a client that asked for it', async () => {
    const { model } = await serve(wholeStream);
    const events = await (await stream(model, { stream_options: { include_usage: true } })).rest();
    expect(events.at(-1)).toBe('[DONE]');
    expect(parseChunks(events).at(-1)).toMatchObject({ choices: [], usage: usageOf({ prompt: 11, completion: 7 }) });
  });

  it('shows the simulator’s usage or hides it just so', async () => {
    const plain = await (await stream('simulator')).rest();
    const shown = await (await stream('simulator', { stream_options: { include_usage: true } })).rest();
    expect(plain.at(-1)).toBe('[DONE]');
    for (const { usage } of parseChunks(plain)) expect(usage ?? null).toBeNull();
    const { usage } = parseChunks(shown).at(-1) ?? {};
    expect(usage?.completion_tokens).toBeGreaterThan(0);
    expect(contentOf(parseChunks(shown))).toBe(contentOf(parseChunks(plain)));
  });

  it('passes unknown fields of the body on untouched', async () => {
    const { model, upstream } = await serve(wholeStream);
    await (await stream(model, { guided_regex: '[a-z]+', nested: { deep: [1, 2.5, null] } })).rest();
    expect(JSON.parse(upstream.received[0]?.body ?? '{}')).toMatchObject({
      guided_regex: '[a-z]+',
      nested: { deep: [1, 2.5, null] },
    });
  });

  it('keeps a character whole whose bytes come apart', async () => {
    const bytes = Buffer.from(chunk('smile 😀 end') + DONE);
    const { model } = await serve(async (_request, response) => {
      beginStream(response);
      for (const byte of bytes) {
        await new Promise<void>(resolve => void response.write(Buffer.of(byte), () => resolve()));
      }
      response.end();
    });
    expect(contentOf(parseChunks(await (await stream(model)).rest()))).toBe('smile 😀 end');
  });

  it('ends the upstream request of a client that leaves mid-stream, and charges what was delivered', async () => {
    const { model, upstream } = await serve((_request, response) => {
      beginStream(response);
      response.write(chunk('one two three four'));
    });
    const leaving = new AbortController();
    const events = await stream(model, {}, leaving.signal);
    await events.next();
    leaving.abort();
    await until('the upstream request is aborted', () => upstream.received[0]?.aborted);
    const entry = await entryOf(model);
    expect(entry).toMatchObject({ outcome: 'client_aborted', streamed: true });
    expect(entry.usageSource).toMatch(/^(?:counted|estimated)$/);
    expect(entry.outputTokens).toBeGreaterThan(0);
    expect(entry.outputTokens).toBeLessThanOrEqual(10);
    expect(entry.inputTokens).toBeGreaterThan(0);
  });

  it('ends the upstream request of a client that leaves before anything came', async () => {
    const { model, upstream } = await serve(() => undefined);
    const leaving = new AbortController();
    const left = stream(model, {}, leaving.signal).catch(() => 'left');
    await until('the request is upstream', () => upstream.received.length === 1);
    leaving.abort();
    expect(await left).toBe('left');
    await until('the upstream request is aborted', () => upstream.received[0]?.aborted);
    expect(await entryOf(model)).toMatchObject({ outcome: 'client_aborted', outputTokens: 0 });
  });

  it('takes the last value of continuous usage for an exact count where the client left', async () => {
    const { model, upstream } = await serve((_request, response) => {
      beginStream(response);
      response.write(chunk('one', { usage: usageOf({ prompt: 9, completion: 21 }) }));
    });
    const leaving = new AbortController();
    await (await stream(model, {}, leaving.signal)).next();
    leaving.abort();
    await until('the upstream request is aborted', () => upstream.received[0]?.aborted);
    expect(await entryOf(model)).toMatchObject({
      outcome: 'client_aborted',
      usageSource: 'reported',
      inputTokens: 9,
      outputTokens: 21,
    });
  });

  it('slows the upstream to the pace of a slow reader', async () => {
    const EVENTS = 4_000;
    const payload = 'x'.repeat(16 * 1024);
    let written = 0;
    const { model } = await serve(async (_request, response) => {
      beginStream(response);
      for (; written < EVENTS; written += 1) {
        if (!response.write(chunk(payload))) await new Promise(resolve => response.once('drain', resolve));
      }
      response.end(DONE);
    });
    const events = await stream(model);
    let last = -1;
    let steady = 0;
    await until('the upstream stands still', () => {
      steady = written > 0 && written === last ? steady + 1 : 0;
      last = written;
      return steady > 20;
    });
    expect(written).toBeLessThan(EVENTS);
    expect(await events.rest()).toHaveLength(EVENTS + 1);
  });

  it('has the model from the body on the shared path', async () => {
    const { model } = await serve(wholeStream);
    const events = await openEvents(`${gateway.url}/v1/chat/completions`, {
      token,
      body: chatBody(model, { stream: true }),
    });
    expect(contentOf(parseChunks(await events.rest()))).toBe('Hello there');
  });

  it('serves text completions too', async () => {
    const body = { model: 'simulator', prompt: 'Once upon a time', max_tokens: 8, stream: true };
    const events = await openEvents(`${gateway.url}/simulator/v1/completions`, { token, body });
    const all = await events.rest();
    expect(all.length).toBeGreaterThan(1);
    expect(all.at(-1)).toBe('[DONE]');
  });

  it('refuses a stream in the shape of every error', async () => {
    const answer = await chat(gateway, 'nonsense', { fields: { stream: true } });
    expectError(answer, 401, { code: 'invalid_api_key' });
  });
});
