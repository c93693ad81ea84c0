import { once } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { expectError, open } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { openEvents, parseChunks } from './support/sse.js';
import {
  beginStream,
  chunk,
  completion,
  sendJson,
  startUpstream,
  type Reply,
  type TestUpstream,
} from './support/upstream.js';
import { until } from './support/until.js';

describe('an upstream', () => {
  let gateway: Gateway;
  let token: string;
  const upstreams: TestUpstream[] = [];
  let models = 0;

  beforeAll(async () => {
    gateway = await startGateway({ env: { UPSTREAM_FIRST_BYTE_TIMEOUT: '1s', UPSTREAM_IDLE_TIMEOUT: '1s' } });
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    for (const upstream of upstreams) await upstream.close();
  });

  const serve = async (reply: Reply, upstreamFields = {}): Promise<{ model: string; upstream: TestUpstream }> => {
    const upstream = await startUpstream(reply);
    upstreams.push(upstream);
    const model = `faulty-${(models += 1)}`;
    await registerModel(gateway, { id: model, url: upstream.url, upstream: upstreamFields });
    return { model, upstream };
  };
  const streamOf = async (model: string): Promise<string[]> => {
    const body = chatBody(model, { stream: true });
    const events = await openEvents(`${gateway.url}/${model}/v1/chat/completions`, { token, body });
    expect(events.response.status).toBe(200);
    return events.rest();
  };
  const outcomeOf = (model: string): Promise<{ outcome: string; status: number }> =>
    until(`the ledger has the request to ${model}`, async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests?limit=100', { token });
      return answer
        .json<{ data: { outcome: string; status: number; model: string }[] }>()
        .data.find(entry => entry.model === model);
    });
  /** One error event, and then the end, without `[DONE]`. */
  const expectBrokenStream = (events: string[], delivered: number, code: string): void => {
    expect(events).not.toContain('[DONE]');
    const chunks = parseChunks(events);
    expect(chunks.filter(({ error }) => error === undefined)).toHaveLength(delivered);
    expect(chunks.filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(chunks.at(-1)?.error).toMatchObject({ type: 'api_error', code, message: expect.any(String) as string });
  };

  it.each([
    ['one now and then is a 504 when its first byte is due', 100, 504],
    ['a flood of them is a 502', 0, 502],
  ])('that sends 1xx responses without end, %s', async (_name, everyMs, status) => {
    const { model, upstream } = await serve(async (_request, { socket }) => {
      while (socket?.destroyed === false) {
        socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(everyMs === 0 ? 1000 : 1));
        await new Promise(resolve => setTimeout(resolve, everyMs));
      }
    });
    const beganAt = Date.now();
    expect((await chat(gateway, token, { model })).status).toBe(status);
    expect(Date.now() - beganAt).toBeLessThan(2000);
    await until('the upstream request is aborted', () => upstream.received.every(({ aborted }) => aborted));
    expect(await outcomeOf(model)).toMatchObject({ outcome: status === 504 ? 'timed_out' : 'upstream_failed', status });
  });

  it('that sends a few 1xx responses first is heard', async () => {
    const { model } = await serve((_request, response) => {
      response.writeProcessing();
      response.writeProcessing();
      sendJson(response, 200, completion('hi', { prompt: 1, completion: 1 }));
    });
    expect((await chat(gateway, token, { model })).status).toBe(200);
  });

  it('that refuses connections is a 503', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await registerModel(gateway, { id: 'refused', url: `http://127.0.0.1:${port}/v1` });
    expectError(await chat(gateway, token, { model: 'refused' }), 503, {
      type: 'api_error',
      code: 'upstream_unavailable',
    });
    expectError(await chat(gateway, token, { model: 'refused', fields: { stream: true } }), 503, { type: 'api_error' });
    expect(await outcomeOf('refused')).toMatchObject({ outcome: 'upstream_failed', status: 503 });
  });

  it('whose name leads nowhere is a 503', async () => {
    await registerModel(gateway, { id: 'nameless', url: 'http://no-such-host.invalid/v1' });
    const answer = await chat(gateway, token, { model: 'nameless' });
    expectError(answer, 503, { type: 'api_error', code: 'upstream_unavailable' });
    expect(answer.text).not.toContain('no-such-host');
  });

  it('that says nothing in time is a 504', async () => {
    const { model, upstream } = await serve(() => undefined);
    expectError(await chat(gateway, token, { model }), 504, { type: 'api_error', code: 'upstream_timeout' });
    await until('the upstream request is aborted', () => upstream.received[0]?.aborted);
    expect(await outcomeOf(model)).toMatchObject({ outcome: 'timed_out', status: 504 });
  });

  it('that falls silent mid-stream ends in one error event', async () => {
    const { model, upstream } = await serve((_request, response) => {
      beginStream(response);
      response.write(chunk('then silence'));
    });
    expectBrokenStream(await streamOf(model), 1, 'upstream_timeout');
    await until('the upstream request is aborted', () => upstream.received[0]?.aborted);
    expect(await outcomeOf(model)).toMatchObject({ outcome: 'timed_out' });
  });

  it('that is cut mid-stream ends in one error event', async () => {
    const { model } = await serve(async (_request, response) => {
      beginStream(response);
      response.write(chunk('one'));
      await new Promise<void>(resolve => void response.write(chunk('two'), () => resolve()));
      response.destroy();
    });
    expectBrokenStream(await streamOf(model), 2, 'upstream_error');
    expect(await outcomeOf(model)).toMatchObject({ outcome: 'upstream_failed' });
  });

  it('that is cut in the middle of an event passes none of its half on', async () => {
    const { model } = await serve(async (_request, response) => {
      beginStream(response);
      response.write(chunk('one'));
      await new Promise<void>(resolve => void response.write('data: {"half":', () => resolve()));
      response.destroy();
    });
    expectBrokenStream(await streamOf(model), 1, 'upstream_error');
  });

  it('whose stream ends without [DONE] is taken at its word, or its failure is told', async () => {
    const { model } = await serve((_request, response) => {
      beginStream(response);
      response.end(chunk('one'));
    });
    const events = await streamOf(model);
    expect(events).not.toContain('[DONE]');
    expect(events[0]).toContain('"one"');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['is cut before the headers', response => void response.destroy()],
    [
      'is cut in the body',
      response => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"half":', () => response.destroy());
      },
    ],
    ['answers 500', response => sendJson(response, 500, { detail: 'stack trace at /srv/model.py' })],
    ['answers 501', response => sendJson(response, 501, { detail: 'stack trace at /srv/model.py' })],
    [
      'answers 401',
      response => sendJson(response, 401, { error: { message: 'bad key sk-secret' } }, { 'www-authenticate': 'Basic' }),
    ],
    ['answers 403', response => sendJson(response, 403, { error: { message: 'bad key sk-secret' } })],
    [
      'answers 429',
      response => sendJson(response, 429, { error: { message: 'bad key sk-secret' } }, { 'retry-after': '7' }),
    ],
  ])('that %s is a 502 or 503 of ours', async (_what, fail) => {
    const { model } = await serve((_request, response) => fail(response));
    const answer = await chat(gateway, token, { model });
    expect([502, 503]).toContain(answer.status);
    expectError(answer, answer.status, { type: 'api_error' });
    expect(answer.text).not.toMatch(/stack trace|sk-secret|127\.0\.0\.1/);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(answer.headers.get('x-ratelimit-limit-requests')).toBeNull();
    expect(await outcomeOf(model)).toMatchObject({ outcome: 'upstream_failed', status: answer.status });
  });

  it('that answers something other than JSON harms nobody', async () => {
    const { model } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>not json');
    });
    const answer = await chat(gateway, token, { model });
    expect([200, 502]).toContain(answer.status);
    if (answer.status === 502) expectError(answer, 502, { type: 'api_error', code: 'upstream_error' });
    expect((await chat(gateway, token)).status).toBe(200);
  });

  it('that streams something other than events harms nobody', async () => {
    const { model } = await serve((_request, response) => {
      beginStream(response);
      response.end(
        'data: {not json}\n\n: comment\n\nevent: odd\ndata: x\ndata: y\n\ngarbage without a colon\n\ndata: [DONE]\n\n',
      );
    });
    await streamOf(model);
    expect((await chat(gateway, token)).status).toBe(200);
  });

  it.each([400, 404, 413, 422])('has its own %i passed on unchanged', async status => {
    const body = {
      error: { message: 'context too long', type: 'BadRequestError', param: null, code: status, extra: [1] },
    };
    const { model } = await serve((_request, response) => sendJson(response, status, body));
    for (const stream of [false, true]) {
      const answer = await chat(gateway, token, { model, fields: { stream } });
      expect(answer.status).toBe(status);
      expect(answer.text).toBe(JSON.stringify(body));
      expect(answer.headers.get('x-ratelimit-limit-requests')).toBeNull();
      expect(answer.headers.get('x-request-id')).toBeTruthy();
    }
  });

  it('never sees the caller’s credential, cookies, or hop-by-hop headers', async () => {
    const { model, upstream } = await serve(
      (_request, response) => sendJson(response, 200, completion('fine', { prompt: 1, completion: 1 })),
      { apiKey: 'upstream-key', headers: { 'x-upstream': 'own' } },
    );
    const body = JSON.stringify(chatBody(model));
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-api-key': token,
      cookie: 'session=secret',
      connection: 'close, x-hop',
      'x-hop': 'named by connection',
      'proxy-authorization': 'Basic c2VjcmV0',
      te: 'trailers',
      'keep-alive': 'timeout=5',
      'x-custom': 'passes',
    };
    const sent = request(`${gateway.url}/${model}/v1/chat/completions`, { method: 'POST', headers }).end(body);
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    response.resume();
    expect(response.statusCode).toBe(200);
    const seen = upstream.received[0]?.headers ?? {};
    expect(seen).toMatchObject({ authorization: 'Bearer upstream-key', 'x-upstream': 'own', 'x-custom': 'passes' });
    for (const name of ['x-api-key', 'cookie', 'x-hop', 'proxy-authorization', 'te', 'keep-alive'])
      expect(seen).not.toHaveProperty(name);
    expect(JSON.stringify(seen)).not.toContain(token);
  });

  it('has none of its credentials and hop-by-hop headers passed to the caller', async () => {
    const { model } = await serve((_request, response) =>
      sendJson(response, 200, completion('fine', { prompt: 1, completion: 1 }), {
        'set-cookie': 'upstream=secret',
        'proxy-authenticate': 'Basic',
        connection: 'x-hop',
        'x-hop': 'named by connection',
        'x-ratelimit-limit-requests': '999999',
        'x-request-id': 'the-upstream-id',
        'x-model-server': 'passes',
      }),
    );
    const response = await open(`${gateway.url}/${model}/v1/chat/completions`, { token, body: chatBody(model) });
    await response.text();
    expect(response.status).toBe(200);
    for (const name of ['set-cookie', 'proxy-authenticate', 'x-hop', 'x-ratelimit-limit-requests']) {
      expect(response.headers.get(name)).toBeNull();
    }
    expect(response.headers.get('x-request-id')).not.toBe('the-upstream-id');
  });

  it('that redirects is not followed with our credential', async () => {
    const elsewhere = await startUpstream((_request, response) => sendJson(response, 200, {}));
    upstreams.push(elsewhere);
    const { model } = await serve(
      (_request, response) => void response.writeHead(307, { location: elsewhere.url }).end(),
      {
        apiKey: 'upstream-key',
      },
    );
    const answer = await chat(gateway, token, { model });
    expectError(answer, 502, { type: 'api_error', code: 'upstream_error' });
    expect(elsewhere.received).toHaveLength(0);
  });
});
