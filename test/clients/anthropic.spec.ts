import { randomUUID } from 'node:crypto';
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { placeInTier, registerModel } from '../support/catalog.js';
import { ClientStage, failureOf } from '../support/client-stage.js';

const content = 'What is the capital of France?';
const answer = 'The capital of France is Paris.';
const ask = { model: 'simulator', max_tokens: 50, messages: [{ role: 'user' as const, content }] };
const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe('the official Anthropic client', () => {
  let stage: ClientStage;
  let client: Anthropic;
  const clientOf = (apiKey: string, base = ''): Anthropic =>
    new Anthropic({ apiKey, baseURL: stage.url + base, maxRetries: 0 });
  const tagged = () => {
    const id = randomUUID();
    return { id, headers: { 'x-request-id': id } };
  };

  beforeAll(async () => {
    stage = await ClientStage.start();
    client = clientOf(stage.apiKey);
  });

  afterAll(() => stage.dispose());

  it.each(['', '/simulator'])('gets a message by the base URL "%s", its key in x-api-key', async base => {
    const { id, headers } = tagged();
    const message = await clientOf(stage.apiKey, base).messages.create(ask, { headers });
    expect(message.content).toEqual([{ type: 'text', text: answer }]);
    expect(message).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 10, output_tokens: 7 } });
    expect(await stage.entry(id)).toMatchObject({
      endpoint: 'messages',
      streamed: false,
      inputTokens: 10,
      outputTokens: 7,
      usageSource: 'reported',
    });
  });

  it('gets a message by a bearer token', async () => {
    const bearer = new Anthropic({ apiKey: null, authToken: stage.apiKey, baseURL: stage.url, maxRetries: 0 });
    expect((await bearer.messages.create(ask)).stop_reason).toBe('end_turn');
  });

  it('streams a message, with the tokens that the ledger has', async () => {
    const { id, headers } = tagged();
    const messages = [{ role: 'user' as const, content: 'Tell me more.' }];
    const stream = client.messages.stream({ ...ask, max_tokens: 30, system: 'Be brief.', messages }, { headers });
    let text = '';
    stream.on('text', piece => (text += piece));
    const message = await stream.finalMessage();
    expect(message.content).toEqual([{ type: 'text', text }]);
    expect(message.stop_reason).toBe('max_tokens');
    expect(message.usage.output_tokens).toBe(30);
    expect(await stage.entry(id)).toMatchObject({
      streamed: true,
      outcome: 'completed',
      inputTokens: message.usage.input_tokens,
      outputTokens: 30,
      usageSource: 'reported',
    });
  });

  it.each([false, true])('calls a tool and is answered with its result (streamed: %s)', async streamed => {
    const { id, headers } = tagged();
    const send = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> => {
      const body = { ...ask, messages, tools: [weather] };
      return streamed
        ? client.messages.stream(body, { headers }).finalMessage()
        : client.messages.create({ ...body, stream: false }, { headers });
    };
    const called = await send(ask.messages);
    expect(called.stop_reason).toBe('tool_use');
    const use = called.content[0];
    if (use?.type !== 'tool_use') throw new Error(`no call of a tool: ${JSON.stringify(called)}`);
    expect(use).toMatchObject({ name: 'weather', input: { city: 'example' } });
    const result = { type: 'tool_result' as const, tool_use_id: use.id, content: 'sunny' };
    const done = await send([
      ...ask.messages,
      { role: 'assistant', content: called.content },
      { role: 'user', content: [result] },
    ]);
    expect(done.content).toEqual([{ type: 'text', text: answer }]);
    const entries = await stage.entries(id, 2);
    expect(entries.map(entry => [entry.inputTokens, entry.outputTokens])).toEqual(
      [called, done].map(({ usage }) => [usage.input_tokens, usage.output_tokens]),
    );
  });

  it('counts the tokens of a prompt', async () => {
    const { model, messages } = ask;
    expect(await client.messages.countTokens({ model, messages })).toMatchObject({ input_tokens: 10 });
  });

  it('pays for what it got of a stream that it leaves', async () => {
    const { id, headers } = tagged();
    const messages = [{ role: 'user' as const, content: 'Tell me a long story.' }];
    const stream = client.messages.stream({ ...ask, max_tokens: 400, messages }, { headers });
    let pieces = 0;
    for await (const event of stream) {
      if (event.type === 'content_block_delta' && ++pieces === 5) break;
    }
    const entry = await stage.entry(id);
    expect(entry).toMatchObject({ outcome: 'client_aborted', usageSource: 'counted' });
    expect(entry?.outputTokens).toBeGreaterThanOrEqual(5);
    expect(entry?.outputTokens).toBeLessThan(200);
  });

  it('gets its typed errors, each in the envelope of its API', async () => {
    const free = clientOf(await stage.keyOf('free-user'));
    await registerModel(stage.gateway, {
      id: 'fault-status-500',
      url: 'simulator:',
      model: { capabilities: ['messages'] },
    });
    await placeInTier(stage.gateway, 'premium-user', [{ unit: 'requests', limit: 1, window: '1h' }]);
    const spent = clientOf(await stage.keyOf('premium-user'));
    await spent.messages.create(ask);
    const failures: [Promise<unknown>, unknown, number, string][] = [
      [failureOf(clientOf('nonsense').messages.create(ask)), AuthenticationError, 401, 'authentication_error'],
      [failureOf(free.messages.create({ ...ask, model: 'qwen3' })), PermissionDeniedError, 403, 'permission_error'],
      [failureOf(client.messages.create({ ...ask, model: 'nonesuch' })), NotFoundError, 404, 'not_found_error'],
      [failureOf(client.messages.create({ ...ask, max_tokens: 0 })), BadRequestError, 400, 'invalid_request_error'],
      [failureOf(spent.messages.create(ask)), RateLimitError, 429, 'rate_limit_error'],
      [failureOf(client.messages.create({ ...ask, model: 'fault-status-500' })), InternalServerError, 502, 'api_error'],
    ];
    for (const [failure, type, status, name] of failures) {
      const error = await failure;
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, error: { type: 'error', error: { type: name } } });
      expect((error as APIError).error).toMatchObject({ error: { message: expect.any(String) as string } });
    }
  });

  it('is told in the middle of a stream that the model’s server has failed', async () => {
    for (const fault of ['fault-cut-after-3', 'fault-error-after-3']) {
      await registerModel(stage.gateway, { id: fault, url: 'simulator:', model: { capabilities: ['messages'] } });
      const error = await failureOf(client.messages.stream({ ...ask, model: fault }).finalMessage());
      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({ error: { type: 'error', error: { type: 'api_error' } } });
    }
  });
});
