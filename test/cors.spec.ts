import { call } from './support/answer.js';
import { chat, chatBody } from './support/chat.js';
import { type Gateway, startGateway } from './support/gateway.js';
import { sendRaw } from './support/raw-http.js';

const ORIGIN = 'https://chat.example.com';
const ASKED = 'authorization,content-type,x-stainless-lang,openai-organization,anthropic-version,x-api-key,api-key';
const CHAT = '/simulator/v1/chat/completions';

describe('a page of an allowed origin', () => {
  let gateway: Gateway;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway({ env: { MAAS_CORS_ORIGINS: `${ORIGIN}, http://localhost:3000` } });
    token = await gateway.mint('enterprise-user');
  });
  afterAll(() => gateway.dispose());

  const preflight = (path: string, origin: string) =>
    gateway.call(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': ASKED },
    });
  const expectReadable = (headers: Headers): void => {
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('vary')).toMatch(/\bOrigin\b/);
    for (const name of ['x-request-id', 'retry-after', 'x-ratelimit-remaining-tokens'])
      expect(headers.get('access-control-expose-headers')).toContain(name);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  };

  it.each([CHAT, '/v1/chat/completions', '/maas-api/v1/tokens'])('may ask before it calls %s', async path => {
    const answer = await preflight(path, ORIGIN);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-allow-headers')?.split(', ')).toEqual(ASKED.split(','));
    expect(answer.headers.get('access-control-allow-methods')).toContain('DELETE');
    expect((await preflight(path, 'https://evil.test')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('may read every answer, whichever way its request goes', async () => {
    const headers = { origin: ORIGIN };
    const whole = await chat(gateway, token, { headers });
    expect(whole.status).toBe(200);
    expectReadable(whole.headers);
    const stream = await chat(gateway, token, { headers, fields: { stream: true } });
    expect(stream.text).toContain('data: [DONE]');
    expectReadable(stream.headers);
    const charset = { ...headers, 'content-type': 'application/json; charset=utf-8' };
    expectReadable((await chat(gateway, token, { headers: charset })).headers);
    for (const [path, status] of [
      ['/maas-api/v1/me', 200],
      ['/nowhere', 404],
      ['/openapi.json', 200],
    ] as const) {
      const answer = await gateway.call(path, { token, headers });
      expect(answer.status).toBe(status);
      expectReadable(answer.headers);
    }
    const refused = await chat(gateway, 'x', { headers });
    expect(refused.status).toBe(401);
    expectReadable(refused.headers);
  });

  it('may read what a request on a plain connection is answered', async () => {
    const body = JSON.stringify(chatBody('simulator'));
    const send = (more: string) =>
      sendRaw(
        gateway.url,
        `POST ${CHAT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\n` +
          `Content-Length: ${body.length}\r\n${more}\r\n${body}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
    expect((await send(`Origin: ${ORIGIN}\r\n`)).headers).toContain(`access-control-allow-origin: ${ORIGIN}\r\n`);
    expect((await send('')).headers).not.toContain('access-control-allow-origin');
    expect((await send('Origin: https://evil.test\r\n')).headers).not.toContain('access-control-allow-origin');
  });
});

describe('without MAAS_CORS_ORIGINS', () => {
  it('no page may read an answer', async () => {
    const gateway = await startGateway();
    try {
      const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' };
      for (const options of [{ headers }, { method: 'OPTIONS', headers }]) {
        const answer = await call(`${gateway.url}/openapi.json`, options);
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(answer.status).toBe('method' in options ? 405 : 200);
      }
    } finally {
      await gateway.dispose();
    }
  });
});
