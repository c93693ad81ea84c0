import { startGateway, type Gateway } from './support/gateway.js';
import { sendRaw } from './support/raw-http.js';

describe('the documentation page', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  it('is Swagger UI, whose scripts and styles come from the gateway itself', async () => {
    const page = await gateway.call('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, path]) => new URL(path ?? '', `${gateway.url}/docs`),
    );
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      expect(asset.origin).toBe(gateway.url);
      const answer = await gateway.call(asset.pathname);
      expect({ path: asset.pathname, status: answer.status }).toEqual({ path: asset.pathname, status: 200 });
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(assets.some(({ pathname }) => pathname.endsWith('swagger-ui-bundle.js'))).toBe(true);
    expect((await gateway.call('/docs/')).text).toBe(page.text);
  });

  it('allows no inline script, no eval, no other origin and no frame', async () => {
    const { headers, text } = await gateway.call('/docs');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect((await gateway.call('/docs/explorer.js')).text).toMatch(/persistAuthorization: false/);
  });

  it.each(['/openapi.json', '/docs', '/docs/swagger-ui-bundle.js'])(
    'sends %s compressed as the client accepts it, and once to each client',
    async path => {
      const plain = await gateway.call(path, { headers: { 'accept-encoding': 'identity' } });
      const tags = new Set<string>();
      for (const coding of ['identity', 'gzip', 'br']) {
        const answer = await gateway.call(path, { headers: { 'accept-encoding': coding } });
        expect(answer.status).toBe(200);
        expect(answer.headers.get('content-encoding')).toBe(coding === 'identity' ? null : coding);
        expect(answer.headers.get('vary')).toMatch(/accept-encoding/i);
        expect(answer.text).toBe(plain.text);
        const tag = answer.headers.get('etag') ?? '';
        expect(tag).toMatch(/^"[\w-]+"$/);
        tags.add(tag);
        const again = await gateway.call(path, { headers: { 'accept-encoding': coding, 'if-none-match': tag } });
        expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
        expect(again.headers.get('etag')).toBe(tag);
      }
      expect(tags.size).toBe(3);
      expect((await gateway.call(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
      expect((await gateway.call(path, { method: 'HEAD' })).status).toBe(200);
    },
  );

  it.each([
    '/docs//etc/passwd',
    '/docs/%2Fetc/passwd',
    '/docs/%2e%2e/package.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/..%5c..%5cpackage.json',
    '/docs/swagger-ui-bundle.js/',
    '/docs/swagger-ui-bundle.js.map',
    '/docs/package.json',
    '/docs//',
    '//docs',
    '/docs/%00',
    '/openapi.json/',
  ])('has nothing at %s', async path => {
    // A client library would normalize the path.
    const { status, body } = await sendRaw(gateway.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect({ path, status }).toEqual({ path, status: 404 });
    expect(JSON.parse(body)).toMatchObject({ error: { type: 'invalid_request_error', code: 'not_found' } });
  });

  it('explains the document that the gateway serves, with a bearer token to authorize by', async () => {
    const answer = await gateway.call('/openapi.json');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const { components, servers } = answer.json<{
      components: { securitySchemes: Record<string, { type: string; scheme: string }> };
      servers?: { url: string }[];
    }>();
    expect(Object.values(components.securitySchemes)).toContainEqual(
      expect.objectContaining({ type: 'http', scheme: 'bearer' }),
    );
    // "Try it out" calls what stands here: anything but this gateway would be another's.
    for (const { url } of servers ?? []) expect(new URL(url, gateway.url).origin).toBe(gateway.url);
  });
});
