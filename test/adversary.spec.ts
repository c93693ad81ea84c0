import { expectError } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { sendRaw } from './support/raw-http.js';
import { completion, sendJson, startUpstream, type TestUpstream } from './support/upstream.js';

const ANSWER = completion('Hello', { prompt: 1, completion: 1 });

describe('an adversary', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  let token: string;
  let head: string;

  beforeAll(async () => {
    gateway = await startGateway();
    upstream = await startUpstream((_request, response) => sendJson(response, 200, ANSWER));
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
    head = `Host: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    await registerModel(gateway, { id: 'target', url: upstream.url });
  });

  afterEach(async () => {
    expect((await gateway.call('/health/live')).status).toBe(200);
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  const body = JSON.stringify(chatBody('target'));
  /** Sends a request line as it stands. */
  const post = (target: string, headers = `Content-Length: ${body.length}\r\n`, sent = body, version = '1.1') =>
    sendRaw(gateway.url, `POST ${target} HTTP/${version}\r\n${head}${headers}\r\n${sent}`);
  const expectRefused = ({ status, body: text }: { status: number; body: string }): void => {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error' } });
  };
  /** Nothing of what the test sends may reach an upstream. */
  const unreached = async (act: () => Promise<void>): Promise<void> => {
    const before = upstream.received.length;
    await act();
    expect(upstream.received).toHaveLength(before);
  };

  it('is served where there is nothing wrong, so that the refusals below mean something', async () => {
    expect((await post('/target/v1/chat/completions')).status).toBe(200);
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const answer = await post('/target/v1/chat/completions', 'Transfer-Encoding: chunked\r\n', chunked);
    expect(answer.status).toBe(200);
    for (const path of ['/target/v1/chat/completions/', '//target/v1/chat//completions'])
      expect((await post(path)).status).toBe(200);
  });

  it.each([
    '/../target/v1/chat/completions',
    '/target/../target/v1/chat/completions',
    '/target/v1/../v1/chat/completions',
    '/target/v1/chat/../../admin',
    '/target/v1/chat/completions/../../../../metrics',
    '/target/v1/./chat/completions',
    '/target%2f..%2ftarget/v1/chat/completions',
    '/..%2f..%2fetc%2fpasswd/v1/chat/completions',
    '/%2e%2e/v1/chat/completions',
    '/target/v1/chat%2fcompletions%2f..%2f..%2fmodels',
    '/target%5c..%5c/v1/chat/completions',
    '/target%00/v1/chat/completions',
    '/target;x=1/v1/chat/completions',
  ])('finds no way around by the path %s', target => unreached(async () => expectRefused(await post(target))));

  it.each([
    'http://elsewhere.test/target/v1/chat/completions',
    'https://elsewhere.test/target/v1/chat/completions',
    'http://elsewhere.test/v1/x/target/v1/chat/completions',
    'elsewhere.test:443',
    '*',
  ])('asks for no other host by the target %s', target => unreached(async () => expectRefused(await post(target))));

  it.each([
    '/target%0d%0aX-Injected:%201/v1/chat/completions',
    '/target%0aX-Injected:%201/v1/chat/completions',
    '/target%0d%0a%0d%0aHTTP/v1/chat/completions',
  ])('puts no lines into a header by the model of %s', target =>
    unreached(async () => {
      const answer = await post(target);
      expectRefused(answer);
      expect(answer.headers.toLowerCase()).not.toContain('x-injected');
    }),
  );

  it.each(['target\r\nX-Injected: 1', 'target\n', ' target', 'target\u0000', 'TARGET', 'target/../target'])(
    'puts nothing into a header or a path by the model %j in a body',
    model =>
      unreached(async () => {
        const answer = await gateway.call('/v1/chat/completions', { token, body: chatBody(model) });
        expectError(answer, 404, { code: 'model_not_found' });
        expect(answer.headers.get('x-injected')).toBeNull();
      }),
  );

  it.each([
    ['a length beside it', `Transfer-Encoding: chunked\r\nContent-Length: ${body.length}\r\n`],
    ['a length before it', `Content-Length: 0\r\nTransfer-Encoding: chunked\r\n`],
    ['an unknown one', 'Transfer-Encoding: xchunked\r\n'],
    ['chunked that is not the last', 'Transfer-Encoding: chunked, identity\r\n'],
    ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n'],
    ['a tab in its value', 'Transfer-Encoding:\tchunked\t,x\r\n'],
    ['a folded value', 'Transfer-Encoding:\r\n chunked, x\r\n'],
    ['gzip under it', 'Transfer-Encoding: gzip, chunked\r\n'],
  ])('smuggles nothing by a Transfer-Encoding with %s', (_what, headers) =>
    unreached(async () => {
      const smuggled = `0\r\n\r\nPOST /target/v1/chat/completions HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
      expectRefused(await post('/target/v1/chat/completions', headers, smuggled));
    }),
  );

  it.each([
    'Content-Length: -1',
    'Content-Length: +5',
    'Content-Length: 0x10',
    'Content-Length: 5, 5',
    'Content-Length: 5 5',
  ])('smuggles nothing by %s', header =>
    unreached(async () => expectRefused(await post('/target/v1/chat/completions', `${header}\r\n`))),
  );

  it.each(['gzip', 'deflate', 'br', 'identity, gzip', 'x'])(
    'slips no other body past the checks by the encoding %s',
    encoding =>
      unreached(async () => {
        const headers = `Content-Length: ${body.length}\r\nContent-Encoding: ${encoding}\r\n`;
        const answer = await post('/target/v1/chat/completions', headers);
        expectRefused(answer);
        expect(answer.status).toBe(415);
      }),
  );

  it('may say that a body is as it is', async () => {
    const headers = `Content-Length: ${body.length}\r\nContent-Encoding: identity\r\n`;
    expect((await post('/target/v1/chat/completions', headers)).status).toBe(200);
  });

  it.each([
    ['names no host', `POST /target/v1/chat/completions HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`],
    ['asks for a tunnel', 'CONNECT elsewhere.test:443 HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n'],
  ])('who %s is told so', (_what, request) =>
    unreached(async () => expectRefused(await sendRaw(gateway.url, request))),
  );

  it('hands on no header that is for one connection, nor a name that only looks like one', async () => {
    const headers =
      `Content-Length: ${body.length}\r\nConnection: X-Secret, close\r\nX-Secret: 1\r\nTE: trailers\r\n` +
      'Upgrade: h2c\r\nProxy-Authorization: Basic eA==\r\nKeep-Alive: 1\r\nX-Auth-Token: other\r\nCookie: a=b\r\n';
    expect((await post('/target/v1/chat/completions', headers)).status).toBe(200);
    const names = Object.keys(upstream.received.at(-1)?.headers ?? {});
    for (const name of [
      'x-secret',
      'te',
      'upgrade',
      'proxy-authorization',
      'keep-alive',
      'x-auth-token',
      'cookie',
      'authorization',
    ])
      expect(names).not.toContain(name);
  });

  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  it.each([
    ['arrays', `{"model":"target","messages":${nested(100_000)}}`],
    ['objects', `{"model":"target","messages":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
    ['arrays that never end', `{"model":"target","messages":${'['.repeat(1_000_000)}`],
    ['arrays alone', nested(1_000_000)],
    ['arrays after the model', `{"model":"target","x":1,"metadata":{"y":${nested(200)}}}`],
  ])('stops nothing by a JSON bomb of %s', (_what, bomb) =>
    unreached(async () => {
      for (const path of ['/target/v1/chat/completions', '/v1/chat/completions'])
        expectError(
          await gateway.call(path, {
            method: 'POST',
            token,
            body: bomb,
            headers: { 'content-type': 'application/json' },
          }),
          400,
          {
            type: 'invalid_request_error',
          },
        );
    }),
  );

  it('may nest as deep as any tool’s schema does', async () => {
    const deep = `{"model":"target","messages":[],"tools":${nested(100)}}`;
    expect((await gateway.call('/target/v1/chat/completions', { token, body: deep })).status).toBe(200);
  });

  it.each([
    '{"model":"target","model":"simulator","messages":[]}',
    '{"model":"simulator","mod\\u0065l":"target","messages":[]}',
    '{"model":"target","messages":[],"stream":false,"stream":true}',
    '{"model":"target","messages":[],"max_tokens":1,"max_tokens":100000}',
  ])('is not admitted by one member and served by another: %s', twice =>
    unreached(async () => {
      for (const path of ['/target/v1/chat/completions', '/v1/chat/completions'])
        expectError(await gateway.call(path, { token, body: twice }), 400, { code: 'invalid_request' });
    }),
  );
});
