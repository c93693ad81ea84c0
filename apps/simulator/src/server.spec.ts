import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { post, start, stopSimulators } from './server.fixture.js';
import { countTokens } from './tokens.js';

interface Chunk {
  choices: { delta: { content?: string; tool_calls?: { function: { arguments: string } }[] }; finish_reason: string }[];
  usage?: { completion_tokens: number } | null;
}
interface Stats {
  requests: number;
  active: number;
  aborted: number;
  lastHeaders: Record<string, string> | null;
  lastBody: unknown;
}

const chat = { model: 'any', messages: [{ role: 'user', content: 'Tell me a story' }], max_tokens: 40 };
const stats = async (base: string) => (await (await fetch(`${base}/stats`)).json()) as Stats;
const dataOf = (stream: string) =>
  stream
    .split('\n\n')
    .filter(Boolean)
    .map(event => event.slice('data: '.length));
const chunksOf = (stream: string) =>
  dataOf(stream)
    .filter(data => data !== '[DONE]')
    .map(data => JSON.parse(data) as Chunk);
const contentOf = (chunks: Chunk[]) => chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('');

afterEach(stopSimulators);

describe('the simulator', () => {
  it('answers a chat with the exact usage of the text it sent', async () => {
    const response = await post(`${await start()}/v1/chat/completions`, chat);
    const body = (await response.json()) as {
      choices: { message: { content: string }; finish_reason: string }[];
      usage: object;
    };
    expect(countTokens(body.choices[0]?.message.content ?? '')).toBe(40);
    expect(body.choices[0]?.finish_reason).toBe('length');
    expect(body.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 40, total_tokens: 47 });
  });

  it('streams the same answer, a token a chunk, with usage only when asked', async () => {
    const url = `${await start()}/v1/chat/completions`;
    const plain = await post(url, { ...chat, stream: true });
    expect(plain.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await plain.text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text).not.toContain('usage');
    const chunks = chunksOf(text);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks).toHaveLength(1 + 40 + 1);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('length');
    const unary = (await (await post(url, chat)).json()) as { choices: { message: { content: string } }[] };
    expect(contentOf(chunks)).toBe(unary.choices[0]?.message.content);

    const asked = chunksOf(
      await (await post(url, { ...chat, stream: true, stream_options: { include_usage: true } })).text(),
    );
    expect(asked.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 40 } });
    expect(asked.slice(0, -1).every(chunk => chunk.usage === null)).toBe(true);

    const options = { include_usage: true, continuous_usage_stats: true };
    const running = chunksOf(await (await post(url, { ...chat, stream: true, stream_options: options })).text());
    expect(running.slice(0, 4).map(chunk => chunk.usage?.completion_tokens)).toEqual([0, 1, 2, 3]);
  });

  it('calls the tool that is forced and fits the answer to a schema', async () => {
    const url = `${await start()}/v1/chat/completions`;
    const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
    const body = { ...chat, tools, tool_choice: 'required', stream: true };
    const chunks = chunksOf(await (await post(url, body)).text());
    const parts = chunks.map(chunk => chunk.choices[0]?.delta.tool_calls?.[0]?.function.arguments ?? '');
    expect(JSON.parse(parts.join(''))).toEqual({ city: 'example' });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
    const format = { type: 'json_schema', json_schema: { name: 'place', schema: parameters } };
    const fitted = chunksOf(await (await post(url, { ...chat, response_format: format, stream: true })).text());
    expect(JSON.parse(contentOf(fitted))).toEqual({ city: 'example' });
  });

  it('stops generating when the client leaves, and says so', async () => {
    const base = await start(20);
    const call = request(`${base}/v1/chat/completions`, { method: 'POST', agent: false });
    call.on('error', () => undefined).end(JSON.stringify({ ...chat, max_tokens: 400, stream: true }));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    await once(response, 'data');
    expect(await stats(base)).toMatchObject({ requests: 1, active: 1, aborted: 0, lastBody: { max_tokens: 400 } });
    response.on('error', () => undefined).destroy();
    let seen = await stats(base);
    while (seen.active > 0) seen = await stats(base);
    expect(seen).toMatchObject({ requests: 1, active: 0, aborted: 1 });
  });

  it('breaks a stream as it is told to', async () => {
    const url = `${await start()}/v1/chat/completions`;
    const cut = await post(url, { ...chat, stream: true }, 'cut-after=3');
    await expect(cut.text()).rejects.toThrow();
    const broken = await (await post(url, { ...chat, stream: true }, 'malformed')).text();
    expect(broken).not.toContain('[DONE]');
    expect(() => chunksOf(broken)).toThrow(SyntaxError);
    const long = (await (await post(url, chat, 'tokens=500,no-usage')).json()) as Record<string, unknown>;
    expect(long).not.toHaveProperty('usage');
    await expect((await post(url, chat, 'cut-after=3')).text()).rejects.toThrow();
    await expect((await post(url, chat, 'malformed')).json()).rejects.toThrow(/JSON/);
  });

  it('refuses with the status that the model name asks for', async () => {
    const response = await post(`${await start()}/v1/chat/completions`, {
      ...chat,
      model: 'fault-status-503.retry-after-2',
    });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
  });

  it.each([
    ['/v1/chat/completions', '{', 400, 'invalid_json'],
    ['/v1/chat/completions', { messages: chat.messages }, 400, 'invalid_request'],
    ['/v1/chat/completions', { model: 'any' }, 400, 'invalid_request'],
    ['/v1/chat/completions', { ...chat, model: 'fault-context-length' }, 400, 'context_length_exceeded'],
    ['/v1/chat/completions', { ...chat, model: 'fault-nonsense' }, 400, 'unknown_fault'],
    ['/v1/nothing', {}, 404, 'not_found'],
  ])('answers a wrong call of %s in the shape of the API', async (path, body, status, code) => {
    const response = await post(`${await start()}${path}`, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code } });
  });
});
