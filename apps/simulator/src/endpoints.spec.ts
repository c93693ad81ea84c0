import { post, start, stopSimulators } from './server.fixture.js';
import { countTokens } from './tokens.js';

interface TypedEvent {
  type: string;
  delta?: string | { text?: string; stop_reason?: string };
  response?: { usage: object; status: string };
  usage?: object;
}

const question = 'What is the capital of France?';
const answer = 'The capital of France is Paris.';
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const eventsOf = async (response: Response): Promise<TypedEvent[]> =>
  (await response.text())
    .split('\n')
    .filter(line => line.startsWith('data: '))
    .map(line => JSON.parse(line.slice('data: '.length)) as TypedEvent);
const bodyOf = async (response: Promise<Response>): Promise<unknown> => (await response).json();
const recording = (bytes: number, fields: Record<string, string> = {}): FormData => {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes)]), 'talk.wav');
  for (const [name, value] of Object.entries({ model: 'any', ...fields })) form.set(name, value);
  return form;
};

afterEach(stopSimulators);

describe('the simulator', () => {
  it('answers a response, whole and in numbered events that end with its usage', async () => {
    const url = `${await start()}/v1/responses`;
    const usage = { input_tokens: 10, output_tokens: 7, total_tokens: 17 };
    expect(await bodyOf(post(url, { model: 'any', input: question }))).toMatchObject({
      object: 'response',
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'output_text', text: answer }] }],
      usage,
    });
    const events = await eventsOf(await post(url, { model: 'any', input: question, stream: true }));
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      ...Array.from({ length: 7 }, () => 'output_text.delta'),
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(events).toEqual(events.map((event, index) => ({ ...event, sequence_number: index })));
    expect(events.at(-1)?.response).toMatchObject({ status: 'completed', usage });
  });

  it('ends a response that its cap has cut as incomplete', async () => {
    const body = { model: 'any', input: 'Tell me more', max_output_tokens: 5, stream: true };
    const events = await eventsOf(await post(`${await start()}/v1/responses`, body));
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'max_output_tokens' }, usage: { output_tokens: 5 } },
    });
  });

  it('answers a message, whole and in events that tell the input first and the output last', async () => {
    const url = `${await start()}/v1/messages`;
    const body = { model: 'any', max_tokens: 50, messages: [{ role: 'user', content: question }] };
    expect(await bodyOf(post(url, body))).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: answer }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 10, output_tokens: 7 },
    });
    const events = await eventsOf(await post(url, { ...body, stream: true }));
    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      ...Array.from({ length: 7 }, () => 'content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]).toMatchObject({ message: { usage: { input_tokens: 10 } } });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } });
    expect(await bodyOf(post(`${url}/count_tokens`, body))).toEqual({ input_tokens: 10 });
  });

  it('says which sequence ended a message', async () => {
    const messages = [{ role: 'user', content: question }];
    const body = { model: 'any', max_tokens: 50, messages, stop_sequences: ['France', 'capital'] };
    expect(await bodyOf(post(`${await start()}/v1/messages`, body))).toMatchObject({
      content: [{ text: 'The ' }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'capital',
    });
  });

  it('calls the first tool in answer to a person, and talks once it has the result', async () => {
    const base = await start();
    const tools = [{ type: 'function', name: 'weather', parameters }];
    const asked = { role: 'user', content: question };
    const called = { model: 'any', tools, input: [asked] };
    expect(await bodyOf(post(`${base}/v1/responses`, called))).toMatchObject({
      output: [{ type: 'function_call', name: 'weather', arguments: '{"city":"example"}' }],
    });
    const told = { type: 'function_call_output', call_id: 'call_1', output: 'sunny' };
    expect(await bodyOf(post(`${base}/v1/responses`, { ...called, input: [asked, told] }))).toMatchObject({
      output: [{ type: 'message', content: [{ text: answer }] }],
    });

    const message = { model: 'any', max_tokens: 50, tools: [{ name: 'weather', input_schema: parameters }] };
    expect(await bodyOf(post(`${base}/v1/messages`, { ...message, messages: [asked] }))).toMatchObject({
      content: [{ type: 'tool_use', name: 'weather', input: { city: 'example' } }],
      stop_reason: 'tool_use',
    });
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }] };
    expect(await bodyOf(post(`${base}/v1/messages`, { ...message, messages: [asked, result] }))).toMatchObject({
      content: [{ type: 'text', text: answer }],
    });
  });

  it('refuses a message in the envelope of its API', async () => {
    const url = `${await start()}/v1/messages`;
    const messages = [{ role: 'user', content: question }];
    const wrong = await post(url, { model: 'any', messages });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    const busy = await post(url, { model: 'any', messages, max_tokens: 5 }, 'status=529,retry-after=3');
    expect(busy.headers.get('retry-after')).toBe('3');
    expect(await busy.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  });

  it('fails in the middle of a stream in the words of its API', async () => {
    const base = await start();
    const response = { model: 'any', input: question, stream: true };
    const failed = await eventsOf(await post(`${base}/v1/responses`, response, 'error-after=2'));
    expect(failed.at(-1)).toMatchObject({ type: 'error', code: 'simulated_fault' });
    const message = { model: 'any', max_tokens: 9, messages: [{ role: 'user', content: question }], stream: true };
    const broken = await eventsOf(await post(`${base}/v1/messages`, message, 'error-after=2'));
    expect(broken.at(-1)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    await expect((await post(`${base}/v1/messages`, message, 'cut-after=2')).text()).rejects.toThrow();
  });

  it('hears how many bytes a recording has', async () => {
    const url = `${await start()}/v1/audio/transcriptions`;
    const text = 'This recording has 100000 bytes.';
    const usage = { type: 'tokens', input_tokens: 32, output_tokens: countTokens(text) };
    expect(await bodyOf(post(url, recording(100_000)))).toMatchObject({ text, usage });
    const events = await eventsOf(await post(url, recording(100_000, { stream: 'true' })));
    expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', text, usage });
    expect(await (await post(url, recording(100_000, { response_format: 'text' }))).text()).toBe(`${text}\n`);
    expect((await post(url, recording(1, { model: 'fault-status-503' }))).status).toBe(503);
    expect((await post(url, '{}')).status).toBe(400);
  });

  it('reads a text aloud in as many bytes as are asked for', async () => {
    const url = `${await start()}/v1/audio/speech`;
    const body = { model: 'any', input: 'Hello there', voice: 'alloy' };
    const spoken = await post(url, body, 'bytes=200000');
    expect(spoken.headers.get('content-type')).toBe('audio/mpeg');
    const first = Buffer.from(await spoken.arrayBuffer());
    expect(first).toHaveLength(200_000);
    const again = Buffer.from(await (await post(url, body, 'bytes=200000')).arrayBuffer());
    expect(again.equals(first)).toBe(true);
    await expect((await post(url, body, 'bytes=200000,cut-after=1')).arrayBuffer()).rejects.toThrow();
  });

  it('ranks what shares words with the query first', async () => {
    const base = await start();
    const documents = ['bread and butter', 'the capital of France', { text: 'France' }];
    const ranked = await bodyOf(post(`${base}/v1/rerank`, { model: 'any', query: question, documents, top_n: 2 }));
    expect(ranked).toMatchObject({
      results: [{ index: 1, document: { text: 'the capital of France' } }, { index: 2 }],
      usage: { prompt_tokens: 3 * countTokens(question) + 3 + 4 + 1 },
    });
    const scored = { model: 'any', text_1: 'France', text_2: ['France', 'bread'] };
    const { data } = (await bodyOf(post(`${base}/v1/score`, scored))) as { data: { score: number }[] };
    expect(data[0]?.score).toBeCloseTo(1);
    expect(data[1]?.score).toBeLessThan(0.9);
  });

  it('tells the tokens of a text, and paints', async () => {
    const base = await start();
    const tokenized = await bodyOf(post(`${base}/v1/tokenize`, { model: 'any', prompt: question }));
    expect(tokenized).toMatchObject({ count: 7, max_model_len: 8192 });
    expect((tokenized as { tokens: number[] }).tokens).toHaveLength(7);
    const painted = await bodyOf(post(`${base}/v1/images/generations`, { model: 'any', prompt: question, n: 2 }));
    const { data } = painted as { data: { b64_json: string }[] };
    expect(data.map(image => Buffer.from(image.b64_json, 'base64').toString('latin1', 1, 4))).toEqual(['PNG', 'PNG']);
    expect(painted).toMatchObject({ usage: { input_tokens: 7, output_tokens: 544, total_tokens: 551 } });
  });
});
