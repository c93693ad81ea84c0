import { startGateway, type Gateway } from './support/gateway.js';

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
    }
    expect(assets.some(({ pathname }) => pathname.endsWith('swagger-ui-bundle.js'))).toBe(true);
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
