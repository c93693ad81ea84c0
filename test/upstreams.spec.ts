import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expectError } from './support/answer.js';
import { registerModel } from './support/catalog.js';
import { makeAuthority, type Authority } from './support/certificates.js';
import { chat } from './support/chat.js';
import { query } from './support/embedded-database.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { completion, sendJson, startUpstream, type TestUpstream } from './support/upstream.js';

const METADATA = '169.254.169.254';

describe('upstreams in the catalog', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  let token: string;
  let authority: Authority;
  let pem: Record<string, string>;

  /** The table of what is wrong names texts that are made only when the tests run. */
  const withPem = (tls: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(tls).map(([name, value]) => [name, pem[value] ?? value]));

  beforeAll(async () => {
    gateway = await startGateway();
    authority = makeAuthority();
    const { certificate, key } = authority.certify('one');
    const { key: other } = authority.certify('other');
    pem = { CERTIFICATE: certificate, KEY: key, BOTH: certificate + key, "ANOTHER'S KEY": other };
    upstream = await startUpstream((_request, response) =>
      sendJson(response, 200, completion('x', { prompt: 1, completion: 1 })),
    );
    token = await gateway.mint('enterprise-user');
    await registerModel(gateway, { id: 'many', url: upstream.url });
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
    authority.remove();
  });

  it('tell all that they were given but what is secret, and change field by field', async () => {
    const { certificate, key } = authority.certify('client');
    const fields = {
      url: 'https://vllm.example:8000/v1',
      model: 'Qwen/Qwen3-8B',
      weight: 3,
      priority: 1,
      draining: false,
      apiKeyHeader: 'api-key',
      features: ['include_usage', 'continuous_usage_stats'],
      endpoints: ['chat/completions', 'embeddings'],
      healthPath: '/health',
    };
    const made = await gateway.admin('/models/many/upstreams', {
      body: {
        ...fields,
        apiKey: 'a-key',
        headers: { 'X-Team': 'models' },
        timeouts: { connect: '1s', idle: '90s' },
        tls: { ca: authority.certificate, certificate, key },
      },
    });
    const timeouts = { connect: '1s', firstByte: null, idle: '1m30s' };
    const tls = { ca: authority.certificate, certificate, serverName: null, hasKey: true };
    const told = { ...fields, hasApiKey: true, headers: { 'x-team': 'models' }, timeouts, tls };
    expect({ status: made.status, body: made.json() }).toMatchObject({ status: 201, body: told });
    expect(made.text).not.toContain('PRIVATE KEY');

    const path = `/models/many/upstreams/${made.json<{ id: string }>().id}`;
    const change = { timeouts: { firstByte: '2m', connect: null }, tls: { serverName: 'inside.example' } };
    const changed = await gateway.admin(path, { method: 'PATCH', body: change });
    expect(changed.json()).toEqual({
      ...made.json<object>(),
      timeouts: { connect: null, firstByte: '2m0s', idle: '1m30s' },
      tls: { ...tls, serverName: 'inside.example' },
    });
    const bare = await gateway.admin(path, { method: 'PATCH', body: { tls: null, healthPath: null, endpoints: [] } });
    expect(bare.json()).toMatchObject({ tls: null, healthPath: null, endpoints: [], hasApiKey: true });
    expect((await gateway.admin(path, { method: 'DELETE' })).status).toBe(204);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a file', { url: 'file:///etc/passwd' }],
    ['another scheme', { url: 'gopher://vllm/v1' }],
    ['credentials in its URL', { url: 'http://user:password@vllm/v1' }],
    ['a fragment in its URL', { url: 'http://vllm/v1#here' }],
    ['an empty fragment in its URL', { url: 'http://vllm/v1#' }],
    ['the metadata address', { url: `http://${METADATA}/v1` }],
    ['the metadata address as a number', { url: 'http://2852039166/v1' }],
    ['the metadata address in octal', { url: 'http://0251.0376.0251.0376/v1' }],
    ['the metadata address in IPv6', { url: `http://[::ffff:${METADATA}]/v1` }],
    ['the metadata address with a dot at its end', { url: `http://${METADATA}./v1` }],
    ['a metadata name', { url: 'http://metadata.google.internal/v1' }],
    ['a link-local address', { url: 'http://[fe80::1]/v1' }],
    ['a header that is none', { headers: { 'x y': '1' } }],
    ['a line break in a header', { headers: { 'x-y': '1\r\nx-z: 2' } }],
    ['a header of the connection', { headers: { Connection: 'close' } }],
    ['another host in its headers', { headers: { Host: 'elsewhere' } }],
    ['a length in its headers', { headers: { 'Content-Length': '1' } }],
    ['a credential among its headers', { headers: { 'X-API-Key': 'a-key' } }],
    ['a header twice', { headers: { 'x-y': '1', 'X-Y': '2' } }],
    ['a key that no header can hold', { apiKey: 'a\nkey' }],
    ['a header for its key that would let it out', { apiKeyHeader: 'x-request-id' }],
    ['a feature that nobody knows', { features: ['include_usages'] }],
    ['an endpoint that nobody knows', { endpoints: ['chat'] }],
    ['a health path that is a URL', { healthPath: 'http://elsewhere/' }],
    ['a timeout of nothing', { timeouts: { connect: '0s' } }],
    ['a timeout that is none', { timeouts: { idle: 'soon' } }],
    ['a timeout that nobody knows', { timeouts: { total: '1s' } }],
    ['a negative weight', { weight: -1 }],
    ['an authority that is none', { tls: { ca: 'trust me' } }],
    ['a certificate without its key', { tls: { certificate: 'CERTIFICATE' } }],
    ['a key without its certificate', { tls: { key: 'KEY' } }],
    ["another's key", { tls: { certificate: 'CERTIFICATE', key: "ANOTHER'S KEY" } }],
    ['a private key in the place of certificates', { tls: { ca: 'BOTH' } }],
    ['verification turned off', { tls: { rejectUnauthorized: false } }],
  ])('are not added with %s', async (_what, wrong) => {
    const { tls, ...fields } = wrong as { tls?: Record<string, string> };
    const body = { url: upstream.url, ...fields, ...(tls && { tls: withPem(tls) }) };
    expectError(await gateway.admin('/models/many/upstreams', { body }), 400, { code: 'invalid_request' });
    const inModel = { id: 'never', tier: 'free', upstreams: [body] };
    expectError(await gateway.admin('/models', { body: inModel }), 400, { code: 'invalid_request' });
  });

  it('name the field that leads where none may go', async () => {
    const wrong = { url: `http://${METADATA}/v1` };
    const body = { id: 'never', tier: 'free', upstreams: [{ url: upstream.url }, wrong] };
    expectError(await gateway.admin('/models', { body }), 400, { param: 'upstreams.1.url' });
    expectError(await gateway.admin('/models/many', { method: 'PATCH', body: { upstreams: [wrong] } }), 400, {
      param: 'upstreams.0.url',
    });
  });

  it('that were written past the validation are not asked', async () => {
    await registerModel(gateway, { id: 'smuggled', url: upstream.url });
    await query(gateway.dataDir, `UPDATE upstreams SET url = $1 WHERE model_id = 'smuggled'`, [`http://${METADATA}/`]);
    await gateway.admin('/models/smuggled', { method: 'PATCH', body: { description: 'changed' } });
    expectError(await chat(gateway, token, { model: 'smuggled' }), 503, { code: 'upstream_unavailable' });
    expect(gateway.stdout()).toContain("of 'smuggled' is left out: its address is not allowed");
  });

  it.each([
    ['OpenAI wants', {}, 'authorization', 'Bearer a-key'],
    ['Anthropic wants', { apiKeyHeader: 'x-api-key' }, 'x-api-key', 'a-key'],
    ['Azure wants', { apiKeyHeader: 'api-key' }, 'api-key', 'a-key'],
  ])('are sent their key as %s', async (name, fields, header, expected) => {
    const id = name.split(' ')[0]?.toLowerCase() ?? '';
    const url = `${upstream.url}?api-version=2024-10-21`;
    const headers = { 'anthropic-version': '2023-06-01' };
    await registerModel(gateway, { id, url, upstream: { ...fields, headers, apiKey: 'a-key' } });
    const options = { model: id, headers: { 'x-api-key': token, 'api-key': token, 'anthropic-version': 'mine' } };
    expect((await chat(gateway, token, options)).status).toBe(200);
    const received = upstream.received.at(-1);
    expect(received?.path).toBe('/v1/chat/completions?api-version=2024-10-21');
    expect(received?.headers).toMatchObject({ ...headers, [header]: expected });
    expect(JSON.stringify(received?.headers)).not.toContain('mine');
    expect(JSON.stringify(received?.headers)).not.toContain(token);
  });

  it('take nothing while they are drained', async () => {
    await registerModel(gateway, { id: 'drained', url: upstream.url });
    const { upstreams } = (await gateway.admin('/models/drained')).json<{ upstreams: { id: string }[] }>();
    const path = `/models/drained/upstreams/${upstreams[0]?.id}`;
    const drained = await gateway.admin(`${path}/drain`, { method: 'POST' });
    expect({ status: drained.status, body: drained.json() }).toMatchObject({ status: 200, body: { draining: true } });
    expectError(await chat(gateway, token, { model: 'drained' }), 503, { code: 'upstream_unavailable' });
    await gateway.admin(path, { method: 'PATCH', body: { draining: false } });
    expect((await chat(gateway, token, { model: 'drained' })).status).toBe(200);
  });

  it('are given up after their own time', async () => {
    const slow = await startUpstream(() => undefined);
    try {
      await registerModel(gateway, { id: 'slow', url: slow.url, upstream: { timeouts: { firstByte: '1s' } } });
      expectError(await chat(gateway, token, { model: 'slow' }), 504, { code: 'upstream_timeout' });
    } finally {
      await slow.close();
    }
  });

  describe('behind TLS', () => {
    let server: Server;
    let url: string;
    const clients: (string | undefined)[] = [];

    beforeAll(async () => {
      const { certificate: cert, key } = authority.certify('inside.example');
      const options = { cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false };
      server = createServer(options, (request, response) => {
        const socket = request.socket as TLSSocket;
        // Health checks come when they come.
        if (request.method === 'POST')
          clients.push(socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined);
        request.resume().on('end', () => sendJson(response, 200, completion('x', { prompt: 1, completion: 1 })));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `https://localhost:${(server.address() as AddressInfo).port}/v1`;
    });

    afterAll(async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    });

    it('are verified against their own authority, and shown a certificate that can be changed', async () => {
      const tls = { ca: authority.certificate, serverName: 'inside.example', ...authority.certify('gateway-1') };
      await registerModel(gateway, { id: 'mutual', url, upstream: { tls } });
      expect((await chat(gateway, token, { model: 'mutual' })).status).toBe(200);
      expect(clients.at(-1)).toBe('gateway-1');
      const { upstreams } = (await gateway.admin('/models/mutual')).json<{ upstreams: { id: string }[] }>();
      await gateway.admin(`/models/mutual/upstreams/${upstreams[0]?.id}`, {
        method: 'PATCH',
        body: { tls: authority.certify('gateway-2') },
      });
      expect((await chat(gateway, token, { model: 'mutual' })).status).toBe(200);
      expect(clients.at(-1)).toBe('gateway-2');
    });

    it('are not trusted without it, nor under another name', async () => {
      const asked = clients.length;
      await registerModel(gateway, { id: 'unknown-authority', url });
      expectError(await chat(gateway, token, { model: 'unknown-authority' }), 502, { code: 'upstream_error' });
      await registerModel(gateway, { id: 'other-name', url, upstream: { tls: { ca: authority.certificate } } });
      expectError(await chat(gateway, token, { model: 'other-name' }), 502, { code: 'upstream_error' });
      expect(clients).toHaveLength(asked);
    });
  });
});
