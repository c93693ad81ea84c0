import OpenAI, {
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { liftLimits } from '../support/catalog.js';
import { startGateway, type Gateway, type Username } from '../support/gateway.js';

const question = { messages: [{ role: 'user' as const, content: 'What is the capital of France?' }], max_tokens: 20 };

describe('the official OpenAI client', () => {
  let gateway: Gateway;
  const clientOf = async (username: Username, base = '/v1'): Promise<OpenAI> =>
    new OpenAI({ apiKey: await gateway.mint(username), baseURL: gateway.url + base, maxRetries: 0 });
  const failureOf = (call: PromiseLike<unknown>): Promise<unknown> =>
    Promise.resolve(call).then(
      () => undefined,
      (error: unknown) => error,
    );

  beforeAll(async () => {
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
  });

  afterAll(() => gateway.dispose());

  it('lists the models that its key may use', async () => {
    const ids = async (client: OpenAI) => {
      const list: string[] = [];
      for await (const { id } of client.models.list()) list.push(id);
      return list.sort();
    };
    expect(await ids(await clientOf('enterprise-user'))).toEqual(['qwen3', 'simulator']);
    expect(await ids(await clientOf('free-user'))).toEqual(['simulator']);
  });

  it.each(['/v1', '/simulator/v1'])('chats by the base URL %s', async base => {
    const client = await clientOf('enterprise-user', base);
    const answer = await client.chat.completions.create({ model: 'simulator', ...question });
    expect(answer.choices[0]?.message.content).toBeTruthy();
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streams, to the same text as without', async () => {
    const client = await clientOf('enterprise-user');
    const whole = await client.chat.completions.create({ model: 'qwen3', ...question });
    const stream = await client.chat.completions.create({ model: 'qwen3', ...question, stream: true });
    let text = '';
    let chunks = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      chunks += 1;
    }
    expect(chunks).toBeGreaterThan(2);
    expect(text).toBe(whole.choices[0]?.message.content);
  });

  it('stops a stream that it has enough of', async () => {
    const client = await clientOf('enterprise-user');
    const stream = await client.chat.completions.create({ model: 'simulator', ...question, stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) break;
    }
    expect(stream.controller.signal.aborted).toBe(true);
  });

  it('completes text', async () => {
    const client = await clientOf('enterprise-user');
    const answer = await client.completions.create({ model: 'simulator', prompt: 'Once upon a time', max_tokens: 8 });
    expect(answer.choices[0]?.text).toBeTruthy();
  });

  it('gets its AuthenticationError', async () => {
    const client = new OpenAI({ apiKey: 'nonsense', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const error = await failureOf(client.chat.completions.create({ model: 'simulator', ...question }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
  });

  it('gets its PermissionDeniedError', async () => {
    const client = await clientOf('free-user');
    const error = await failureOf(client.chat.completions.create({ model: 'qwen3', ...question }));
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ status: 403, code: 'access_denied', type: 'permission_error' });
  });

  it('gets its NotFoundError', async () => {
    const client = await clientOf('free-user');
    const error = await failureOf(client.chat.completions.create({ model: 'nonesuch', ...question }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('gets its BadRequestError', async () => {
    const client = await clientOf('enterprise-user', '/simulator/v1');
    const error = await failureOf(client.chat.completions.create({ model: 'qwen3', ...question }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, param: 'model' });
  });

  it('gets its RateLimitError', async () => {
    const client = await clientOf('free-user');
    const ask = () =>
      client.chat.completions.create({
        model: 'simulator',
        messages: [{ role: 'user', content: 'hi' }],
        max_tokens: 1,
      });
    for (let request = 1; request <= 5; request += 1) await ask();
    const error = await failureOf(ask());
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
      type: 'rate_limit_error',
      param: 'requests',
    });
  });
});
