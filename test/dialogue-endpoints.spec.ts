import { expectError } from './support/answer.js';
import { answering, EndpointStage, nobody } from './support/endpoint-stage.js';
import { openEvents } from './support/sse.js';
import { beginStream } from './support/upstream.js';

describe('an endpoint of a dialogue', () => {
  let stage: EndpointStage;

  beforeAll(async () => {
    stage = await EndpointStage.start();
  });

  beforeEach(() => {
    stage.reply = nobody;
  });

  afterAll(() => stage.close());

  describe('of responses', () => {
    const usage = { input_tokens: 11, output_tokens: 5, total_tokens: 16 };

    it('is served whole', async () => {
      stage.reply = answering({ object: 'response', status: 'completed', output: [], usage });
      const { received, entry } = await stage.ask('/every/v1/responses', { model: 'every', input: 'hi', store: false });
      expect(received?.path).toBe('/v1/responses');
      expect(entry).toMatchObject({ endpoint: 'responses', inputTokens: 11, outputTokens: 5, usageSource: 'reported' });
    });

    it('is served as events, as they come', async () => {
      const events = [
        { type: 'response.created', response: { status: 'in_progress', usage: null } },
        { type: 'response.output_text.delta', delta: 'Hello' },
        { type: 'response.completed', response: { status: 'completed', usage } },
      ];
      stage.reply = (request, response) => {
        expect(JSON.parse(request.body)).not.toHaveProperty('stream_options');
        beginStream(response);
        for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        response.end();
      };
      const id = stage.newId();
      const body = { model: 'every', input: 'hi', stream: true };
      const stream = await openEvents(`${stage.gateway.url}/v1/responses`, {
        token: stage.token,
        body,
        headers: { 'x-request-id': id },
      });
      expect((await stream.rest()).map(event => JSON.parse(event) as unknown)).toEqual(events);
      expect(await stage.entryOf(id)).toMatchObject({
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
      const answer = await stage.gateway.call('/v1/responses', {
        token: stage.token,
        body: { model: 'every', input: 'hi', ...fields },
      });
      expectError(answer, status, { param });
    });

    it.each(['/v1/responses/resp_1', '/every/v1/responses/resp_1'])('has no %s', async path => {
      expectError(await stage.gateway.call(path, { token: stage.token }), 404, { code: 'not_found' });
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
      stage.reply = answering(body);
      const id = stage.newId();
      const answer = await stage.gateway.call('/v1/messages', {
        body: question,
        headers: {
          'x-api-key': stage.token,
          'x-request-id': id,
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'context-1m',
        },
      });
      expect(answer.json()).toEqual(body);
      const received = stage.upstream.received.at(-1);
      expect(received?.path).toBe('/v1/messages');
      expect(received?.headers).toMatchObject({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'context-1m' });
      expect(JSON.stringify(received?.headers)).not.toContain(stage.token);
      expect(await stage.entryOf(id)).toMatchObject({ inputTokens: 3, outputTokens: 2, usageSource: 'reported' });
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
      stage.reply = (_request, response) => {
        beginStream(response);
        for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        response.end();
      };
      const id = stage.newId();
      const stream = await openEvents(`${stage.gateway.url}/every/v1/messages`, {
        token: stage.token,
        body: { ...question, stream: true },
        headers: { 'x-request-id': id },
      });
      expect((await stream.rest()).map(event => JSON.parse(event) as unknown)).toEqual(events);
      expect(await stage.entryOf(id)).toMatchObject({ inputTokens: 7, outputTokens: 9, usageSource: 'reported' });
    });

    it('tells of a failure within a stream in an event of its own', async () => {
      stage.reply = (_request, response) => {
        beginStream(response);
        response.write('event: ping\ndata: {"type":"ping"}\n\n', () => response.destroy());
      };
      const answer = await stage.gateway.call('/v1/messages', {
        token: stage.token,
        body: { ...question, stream: true },
      });
      const event = answer.text.split('\n\n').at(-2)?.split('\n');
      expect(event?.[0]).toBe('event: error');
      expect(JSON.parse(event?.[1]?.slice('data: '.length) ?? '')).toEqual({
        type: 'error',
        error: { type: 'api_error', message: "The model's server failed" },
      });
    });

    it('tells of every refusal in the words of its API', async () => {
      const free = await stage.gateway.mint('free-user');
      const send = (options: object, path = '/v1/messages') =>
        stage.gateway.call(path, { token: stage.token, body: question, ...options });
      expectMessagesError(await send({ token: 'nonsense' }), 401, 'authentication_error');
      expectMessagesError(await send({ token: undefined }), 401, 'authentication_error');
      expectMessagesError(await send({ body: '{' }), 400, 'invalid_request_error');
      expectMessagesError(await send({ headers: { 'content-type': 'text/plain' } }), 415, 'invalid_request_error');
      expectMessagesError(await send({ method: 'PUT' }), 405, 'invalid_request_error');
      expectMessagesError(await send({ body: { ...question, model: 'nonesuch' } }), 404, 'not_found_error');
      expectMessagesError(await send({ body: { ...question, model: 'chatty' } }), 404, 'not_found_error');
      const denied = await send({ token: free, body: { ...question, model: 'qwen3' } }, '/qwen3/v1/messages');
      expectMessagesError(denied, 403, 'permission_error');
      stage.reply = (_request, response) => void response.destroy();
      expectMessagesError(await send({}), 502, 'api_error');
      stage.reply = answering({ type: 'message', content: [], usage: { input_tokens: 200, output_tokens: 1 } });
      expect((await send({ token: free })).status).toBe(200);
      expectMessagesError(await send({ token: free }), 429, 'rate_limit_error');
    });

    it('counts tokens for nothing', async () => {
      stage.reply = answering({ input_tokens: 12 });
      const { received, entry } = await stage.ask('/v1/messages/count_tokens', question);
      expect(received?.path).toBe('/v1/messages/count_tokens');
      expect(entry).toMatchObject({ inputTokens: 0, outputTokens: 0, usageSource: 'none', outcome: 'completed' });
    });
  });
});
