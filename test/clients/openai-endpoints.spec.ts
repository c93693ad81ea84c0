import { randomUUID } from 'node:crypto';
import OpenAI, { APIUserAbortError, InternalServerError, toFile } from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { placeInTier, registerModel } from '../support/catalog.js';
import { ClientStage, failureOf } from '../support/client-stage.js';
import { until } from '../support/until.js';
import { completion, sendJson, startUpstream } from '../support/upstream.js';

const content = 'What is the capital of France?';
const messages = [{ role: 'user' as const, content }];
const answer = 'The capital of France is Paris.';
const model = 'simulator';
const place = z.object({ city: z.string(), people: z.int().min(1) });
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

describe('the official OpenAI client', () => {
  let stage: ClientStage;
  let client: OpenAI;
  const clientOf = (apiKey: string, maxRetries: number): OpenAI =>
    new OpenAI({ apiKey, baseURL: `${stage.url}/v1`, maxRetries });
  const tagged = () => {
    const id = randomUUID();
    return { id, headers: { 'x-request-id': id } };
  };

  beforeAll(async () => {
    stage = await ClientStage.start();
    client = clientOf(stage.apiKey, 0);
  });

  afterAll(() => stage.dispose());

  it.each([false, true])('runs its tools and is answered with their results (streamed: %s)', async stream => {
    const asked: unknown[] = [];
    const tool = {
      type: 'function' as const,
      function: {
        name: 'weather',
        description: 'The weather of a city',
        parameters,
        parse: (text: string): unknown => JSON.parse(text),
        function: (input: unknown): string => {
          asked.push(input);
          return 'sunny';
        },
      },
    };
    const { id, headers } = tagged();
    const body = { model, messages, tools: [tool] };
    const runner = stream
      ? client.chat.completions.runTools({ ...body, stream: true }, { headers })
      : client.chat.completions.runTools(body, { headers });
    expect(await runner.finalContent()).toBe(answer);
    expect(asked).toEqual([{ city: 'example' }]);
    const entries = await stage.entries(id, 2);
    expect(entries.map(entry => entry.streamed)).toEqual([stream, stream]);
    expect(entries.every(entry => entry.usageSource === 'reported')).toBe(true);
  });

  it('parses an answer that fits its schema', async () => {
    const { id, headers } = tagged();
    const format = zodResponseFormat(place, 'place');
    const parsed = await client.chat.completions.parse({ model, messages, response_format: format }, { headers });
    expect(parsed.choices[0]?.message.parsed).toEqual({ city: 'example', people: 1 });
    expect(await stage.entry(id)).toMatchObject({ outputTokens: parsed.usage?.completion_tokens });
  });

  it('is told the tokens of a stream that the ledger has, where it asks for them', async () => {
    const { id, headers } = tagged();
    const body = { model, messages, stream: true as const, stream_options: { include_usage: true } };
    const stream = client.chat.completions.stream(body, { headers });
    const usage = (await stream.finalChatCompletion()).usage;
    expect(usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 7 });
    expect(await stage.entry(id)).toMatchObject({ streamed: true, inputTokens: 10, outputTokens: 7 });
  });

  it('embeds', async () => {
    const { id, headers } = tagged();
    const input = ['France', 'the capital of France', 'bread'];
    const { data, usage } = await client.embeddings.create({ model, input, dimensions: 8 }, { headers });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8, 8]);
    expect(await stage.entry(id)).toMatchObject({
      endpoint: 'embeddings',
      inputTokens: usage.prompt_tokens,
      outputTokens: 0,
      usageSource: 'reported',
    });
  });

  it.each(['/v1', '/simulator/v1'])('gets a response by the base URL %s', async base => {
    const { id, headers } = tagged();
    const there = client.withOptions({ baseURL: stage.url + base });
    const response = await there.responses.create({ model, input: content }, { headers });
    expect(response.output_text).toBe(answer);
    expect(response.usage).toMatchObject({ input_tokens: 10, output_tokens: 7, total_tokens: 17 });
    expect(await stage.entry(id)).toMatchObject({ endpoint: 'responses', inputTokens: 10, outputTokens: 7 });
  });

  it('gets a response in events, with the tokens that the ledger has', async () => {
    const { id, headers } = tagged();
    const stream = client.responses.stream({ model, input: 'Tell me more.', max_output_tokens: 30 }, { headers });
    let text = '';
    let number = 0;
    for await (const event of stream) {
      expect(event.sequence_number).toBe(number++);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    const response = await stream.finalResponse();
    expect(text).toBe(response.output_text);
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response.usage?.output_tokens).toBe(30);
    expect(await stage.entry(id)).toMatchObject({
      streamed: true,
      outcome: 'completed',
      inputTokens: response.usage?.input_tokens,
      outputTokens: 30,
      usageSource: 'reported',
    });
  });

  it('parses a response that fits its schema, and gets the call of a function', async () => {
    const text = { format: zodTextFormat(place, 'place') };
    const fitted = await client.responses.parse({ model, input: content, text });
    expect(fitted.output_parsed).toEqual({ city: 'example', people: 1 });
    const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: true }];
    const called = await client.responses.stream({ model, input: content, tools }).finalResponse();
    expect(called.output).toMatchObject([{ type: 'function_call', name: 'weather', arguments: '{"city":"example"}' }]);
  });

  it('gets pictures', async () => {
    const { id, headers } = tagged();
    const { data, usage } = await client.images.generate({ model, prompt: 'A cat', n: 2 }, { headers });
    expect(data?.map(({ b64_json: png }) => png?.slice(0, 4))).toEqual(['iVBO', 'iVBO']);
    expect(await stage.entry(id)).toMatchObject({
      endpoint: 'images/generations',
      inputTokens: usage?.input_tokens,
      outputTokens: usage?.output_tokens,
    });
  });

  it('gets speech', async () => {
    const { id, headers } = tagged();
    const spoken = await client.audio.speech.create({ model, voice: 'alloy', input: content }, { headers });
    expect(spoken.headers.get('content-type')).toBe('audio/mpeg');
    expect((await spoken.arrayBuffer()).byteLength).toBe(7 * 4096);
    expect(await stage.entry(id)).toMatchObject({ endpoint: 'audio/speech', outcome: 'completed', outputTokens: 0 });
  });

  it('has a recording written down, whole and streamed, with the tokens that the ledger has', async () => {
    const { id, headers } = tagged();
    const file = await toFile(Buffer.alloc(100_000), 'talk.wav');
    const heard = await client.audio.transcriptions.create({ model, file }, { headers });
    expect(heard.text).toBe('This recording has 100000 bytes.');
    expect(heard.usage).toMatchObject({ type: 'tokens', input_tokens: 32 });
    let text = '';
    for await (const event of await client.audio.transcriptions.create({ model, file, stream: true })) {
      if (event.type === 'transcript.text.delta') text += event.delta;
      else expect(event).toMatchObject({ type: 'transcript.text.done', usage: heard.usage });
    }
    expect(text).toBe(heard.text);
    expect(await stage.entry(id)).toMatchObject({ endpoint: 'audio/transcriptions', inputTokens: 32 });
  });

  it('takes the upstream along when it aborts, and pays for what it got', async () => {
    const { id, headers } = tagged();
    const before = await stage.leavers();
    const leaving = new AbortController();
    const body = {
      model,
      messages: [{ role: 'user' as const, content: 'Tell me a long story.' }],
      stream: true as const,
    };
    const stream = await client.chat.completions.create(body, { headers, signal: leaving.signal });
    let chunks = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content && ++chunks === 5) leaving.abort();
    }
    await until('the simulator sees it leave', async () => (await stage.leavers()) === before + 1);
    const entry = await stage.entry(id);
    expect(entry).toMatchObject({ outcome: 'client_aborted', usageSource: 'reported' });
    expect(entry?.outputTokens).toBeGreaterThanOrEqual(5);
    expect(entry?.outputTokens).toBeLessThan(200);

    const late = new AbortController();
    const call = failureOf(client.chat.completions.create({ ...body, stream: false }, { signal: late.signal }));
    late.abort();
    expect(await call).toBeInstanceOf(APIUserAbortError);
  });

  it('pays for what it got of a response that it leaves, although nobody reports it', async () => {
    const { id, headers } = tagged();
    const body = { model, input: 'Tell me a long story.', stream: true as const };
    let pieces = 0;
    for await (const event of await client.responses.create(body, { headers })) {
      if (event.type === 'response.output_text.delta' && ++pieces === 5) break;
    }
    const entry = await stage.entry(id);
    expect(entry).toMatchObject({ endpoint: 'responses', outcome: 'client_aborted', usageSource: 'counted' });
    expect(entry?.outputTokens).toBeGreaterThanOrEqual(5);
    expect(entry?.outputTokens).toBeLessThan(200);
  });

  it('waits for its limit, and is then answered', async () => {
    await placeInTier(stage.gateway, 'free-user', [{ unit: 'requests', limit: 1, window: '2s' }]);
    const patient = clientOf(await stage.keyOf('free-user'), 2);
    const ask = () => patient.chat.completions.create({ model, messages });
    await ask();
    const startedAt = Date.now();
    expect((await ask()).choices[0]?.message.content).toBe(answer);
    expect(Date.now() - startedAt).toBeGreaterThan(500);
  });

  it('asks again where the model’s server has failed, and gets its InternalServerError where that goes on', async () => {
    let failures = 1;
    const upstream = await startUpstream((_request, response) => {
      if (failures-- > 0) sendJson(response, 500, { error: { message: 'broken' } });
      else sendJson(response, 200, completion('well again', { prompt: 3, completion: 2 }));
    });
    try {
      await registerModel(stage.gateway, { id: 'moody', url: upstream.url });
      const patient = clientOf(stage.apiKey, 2);
      const recovered = await patient.chat.completions.create({ model: 'moody', messages });
      expect(recovered.choices[0]?.message.content).toBe('well again');
      failures = 1;
      const error = await failureOf(client.chat.completions.create({ model: 'moody', messages }));
      expect(error).toBeInstanceOf(InternalServerError);
      expect(error).toMatchObject({ status: 502, type: 'api_error', code: 'upstream_error' });
    } finally {
      await upstream.close();
    }
  });
});
