import { expectError } from './support/answer.js';
import { liftLimits } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { sendRaw } from './support/raw-http.js';

const CHAT = '/simulator/v1/chat/completions';
const TOKENS = '/maas-api/v1/tokens';
const MAX_BODY_BYTES = 4096;

describe('bad input', () => {
  let gateway: Gateway;
  let token: string;
  let identity: string;

  beforeAll(async () => {
    gateway = await startGateway({ env: { MAAS_MAX_BODY_BYTES: String(MAX_BODY_BYTES) } });
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
    identity = gateway.identities['enterprise-user'];
  });

  afterEach(async () => {
    expect((await gateway.call('/health/live')).status).toBe(200);
  });

  afterAll(() => gateway.dispose());

  it.each(['{', 'not json', '{"model":"simulator"', "{'model':'simulator'}", '\u0000', '{"a":1}{"b":2}'])(
    'that is no JSON is told so: %j',
    async body => {
      const error = { type: 'invalid_request_error', code: 'invalid_json' };
      expectError(await gateway.call(CHAT, { token, body }), 400, error);
      expectError(await gateway.call('/v1/chat/completions', { token, body }), 400, error);
      expectError(await gateway.call(TOKENS, { token: identity, body }), 400, error);
    },
  );

  it.each(['', '   ', 'null', '[]', '"text"', '17', '{}'])('that holds no request is told so: %j', async body => {
    for (const path of [CHAT, '/v1/chat/completions']) {
      const answer = await gateway.call(path, { method: 'POST', token, body });
      expectError(answer, 400, { type: 'invalid_request_error' });
    }
  });

  it.each([{ model: 17 }, { model: null }, { model: '' }, { model: ['simulator'] }])(
    'that names no model is told which field is missing: %j',
    async body => {
      const expected = { type: 'invalid_request_error', code: 'invalid_request', param: 'model' };
      expectError(await gateway.call(CHAT, { token, body: { messages: [], ...body } }), 400, expected);
      expectError(
        await gateway.call('/v1/chat/completions', { token, body: { messages: [], ...body } }),
        400,
        expected,
      );
    },
  );

  it('that names no model is told so where the path names none either', async () => {
    const expected = { type: 'invalid_request_error', code: 'invalid_request', param: 'model' };
    expectError(await gateway.call('/v1/chat/completions', { token, body: { messages: [] } }), 400, expected);
  });

  it('that names another model than the path is refused, for access was checked for the path', async () => {
    const answer = await gateway.call(CHAT, { token, body: chatBody('qwen3') });
    expectError(answer, 400, { type: 'invalid_request_error', code: 'invalid_request', param: 'model' });
  });

  it('that names the model twice cannot be checked for one and served by the other', async () => {
    const free = await gateway.mint('free-user');
    const body = '{"model":"qwen3","messages":[{"role":"user","content":"hi"}],"model":"simulator","max_tokens":1}';
    const answer = await gateway.call('/v1/chat/completions', { token: free, body });
    if (answer.status === 200) expect(answer.json<{ model: string }>().model).toBe('simulator');
    else expectError(answer, 400, { type: 'invalid_request_error' });
  });

  it.each([
    ['/nonesuch/v1/chat/completions', 'nonesuch'],
    ['/v1/chat/completions', 'nonesuch'],
    ['/v1/chat/completions', '../../admin'],
    ['/v1/chat/completions', '__proto__'],
    ['/v1/chat/completions', 'constructor'],
    ['/constructor/v1/chat/completions', 'constructor'],
  ])('for a model that does not exist is told so: %s %s', async (path, model) => {
    expectError(await gateway.call(path, { token, body: chatBody(model) }), 404, {
      type: 'invalid_request_error',
      code: 'model_not_found',
    });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/nowhere'],
    ['POST', '/maas-api/v1/nowhere'],
    ['POST', '/simulator/v1/nowhere'],
    ['GET', '/maas-api/v2/tokens'],
    ['GET', '/maas-api/v1/models/'],
    ['POST', '//maas-api/v1/tokens'],
  ])('for a path that does not exist is told so: %s %s', async (method, path) => {
    expectError(await gateway.call(path, { method, token, body: method === 'POST' ? {} : undefined }), 404, {
      type: 'invalid_request_error',
      code: 'not_found',
    });
  });

  it.each([
    ['PUT', TOKENS, 'POST'],
    ['DELETE', '/maas-api/v1/models', 'GET'],
    ['GET', CHAT, 'POST'],
    ['PATCH', CHAT, 'POST'],
    ['GET', '/v1/chat/completions', 'POST'],
    ['POST', '/health/live', 'GET'],
  ])('by a method that the path does not have is told the ones it has: %s %s', async (method, path, allowed) => {
    const answer = await gateway.call(path, { method, token, body: method === 'GET' ? undefined : {} });
    expectError(answer, 405, { type: 'invalid_request_error', code: 'method_not_allowed' });
    expect(answer.headers.get('allow')?.split(', ')).toContain(allowed);
  });

  it.each(['QUERY', 'PUT', 'PROPFIND'])(
    'by the method %s is refused for its method, whatever its body is',
    async method => {
      for (const body of [undefined, '{', 'text']) {
        for (const type of ['text/plain', 'application/json']) {
          const headers = { 'content-type': type };
          expectError(await gateway.call(TOKENS, { method, body, headers }), 405, { code: 'method_not_allowed' });
          expectError(await gateway.call('/nowhere', { method, body, headers }), 404, { code: 'not_found' });
        }
      }
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('of the type %s is refused', async type => {
    const options = { method: 'POST', body: JSON.stringify(chatBody('simulator')), headers: { 'content-type': type } };
    const expected = { type: 'invalid_request_error', code: 'unsupported_media_type' };
    expectError(await gateway.call(CHAT, { ...options, token }), 415, expected);
    expectError(await gateway.call(TOKENS, { ...options, token: identity }), 415, expected);
  });

  it('of JSON with a charset is taken', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await chat(gateway, token, { headers })).status).toBe(200);
  });

  it('that is too large is refused, also where its length is not told', async () => {
    const body = JSON.stringify(chatBody('simulator', { padding: 'x'.repeat(MAX_BODY_BYTES) }));
    const expected = { type: 'invalid_request_error', code: 'request_too_large' };
    expectError(await gateway.call(CHAT, { token, body }), 413, expected);
    expectError(await gateway.call(TOKENS, { token: identity, body }), 413, expected);
    const head = `POST ${CHAT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n`;
    const chunked = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await sendRaw(gateway.url, `${head}${chunked}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    expect(answer.status).toBe(413);
    expect(answer.body).toContain('"request_too_large"');
  });

  it('just below the limit is taken', async () => {
    const empty = JSON.stringify(chatBody('simulator', { padding: '' }));
    const body = JSON.stringify(chatBody('simulator', { padding: 'x'.repeat(MAX_BODY_BYTES - empty.length) }));
    expect(body).toHaveLength(MAX_BODY_BYTES);
    expect((await gateway.call(CHAT, { token, body })).status).toBe(200);
  });

  it.each(['/%zz', '/%', '/simulator%2/v1/chat/completions', '/%c0%af/v1/models', `/${'x'.repeat(600)}`])(
    'in a malformed path is refused in the shape of every error: %s',
    async path => {
      const { status, body } = await sendRaw(
        gateway.url,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect([400, 401, 404, 414]).toContain(status);
      expect(JSON.parse(body)).toMatchObject({
        error: { type: 'invalid_request_error', code: expect.any(String) as string },
      });
    },
  );

  it.each<[string, string, number]>([
    ['no HTTP at all', 'GARBAGE\r\n\r\n', 400],
    ['a header without a name', 'GET /health/live HTTP/1.1\r\nHost: x\r\n: nameless\r\n\r\n', 400],
    ['headers too large', `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(64 * 1024)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /maas-api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    ['a tunnel', 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n', 400],
    ['an expectation', 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: nonsense\r\n\r\n', 417],
  ])('of %s is refused in the shape of every error, with an id', async (_what, text, expected) => {
    const { status, headers, body } = await sendRaw(gateway.url, text);
    expect(status).toBe(expected);
    expect(headers).toMatch(/^x-request-id: [0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}\r?$/im);
    expect(headers).toMatch(/^content-type: application\/json/im);
    expect(JSON.parse(body)).toMatchObject({ error: { type: 'invalid_request_error', param: null } });
  });

  it('of an expectation keeps the id that the caller gave', async () => {
    const head =
      'Host: x\r\nConnection: close\r\nExpect: nonsense\r\nX-Request-Id: mine\r\nContent-Length: 2\r\n\r\n{}';
    const { status, headers, body } = await sendRaw(gateway.url, `POST /v1/messages HTTP/1.1\r\n${head}`);
    expect(status).toBe(417);
    expect(headers).toMatch(/^x-request-id: mine\r?$/im);
    expect(JSON.parse(body)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  it('in a request id is replaced, while a good one is kept', async () => {
    const kept = await gateway.call('/health/live', { headers: { 'x-request-id': 'my-id_1.2' } });
    expect(kept.headers.get('x-request-id')).toBe('my-id_1.2');
    for (const bad of ['has space', 'x'.repeat(129), 'semi;colon']) {
      const answer = await gateway.call('/health/live', { headers: { 'x-request-id': bad } });
      expect(answer.headers.get('x-request-id')).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'limit=-1', 'colour=blue', 'from=yesterday'])(
    'in a query is refused: %s',
    async query => {
      expectError(await gateway.call(`/maas-api/v1/usage/requests?${query}`, { token }), 400, {
        type: 'invalid_request_error',
        code: 'invalid_request',
        param: query.split('=')[0],
      });
    },
  );
});
