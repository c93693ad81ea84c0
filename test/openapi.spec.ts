import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { CallOptions } from './support/answer.js';
import { liftLimits } from './support/catalog.js';
import { chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';

interface MediaType {
  schema?: object;
  example?: unknown;
  examples?: Record<string, unknown>;
}

interface Operation {
  summary?: string;
  operationId?: string;
  requestBody?: { content: Record<string, MediaType> };
  responses: Record<string, { description: string; content?: Record<string, MediaType> }>;
}

interface OpenApiDocument {
  openapi: string;
  info: { description: string };
  paths: Record<string, Record<string, Operation>>;
}

/** OpenAPI 3.0 writes an exclusive bound as a flag beside the bound, and null as a flag beside the type. */
function asJsonSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asJsonSchema);
  const schema = Object.fromEntries(Object.entries(value).map(([key, below]) => [key, asJsonSchema(below)]));
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof schema[flag] !== 'boolean') continue;
    const exclusive = schema[flag];
    delete schema[flag];
    if (exclusive) schema[flag] = schema[bound];
    if (exclusive) delete schema[bound];
  }
  const { nullable, ...rest } = schema;
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : schema;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'];
const escapePointer = (segment: string): string =>
  encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));

describe('the OpenAPI document', () => {
  let gateway: Gateway;
  let document: OpenApiDocument;
  const ajv = new Ajv2020({ strict: false, allErrors: true, discriminator: false });
  formats.default(ajv);

  beforeAll(async () => {
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
    document = (await gateway.call('/openapi.json')).json<OpenApiDocument>();
    ajv.addSchema(asJsonSchema(document) as object, 'openapi');
  });

  afterAll(() => gateway.dispose());

  const operations = (): [string, Operation][] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => METHODS.includes(method))
        .map(([method, operation]): [string, Operation] => [`${method.toUpperCase()} ${path}`, operation]),
    );

  /** Sends the request, and holds its answer against what the document says of that path, method and status. */
  const expectDocumented = async (
    method: string,
    template: string,
    path: string,
    options: CallOptions,
    status: number,
  ): Promise<void> => {
    const answer = await gateway.call(path, { method: method.toUpperCase(), ...options });
    expect({ path, status: answer.status, text: answer.text }).toMatchObject({ path, status });
    const documented = document.paths[template]?.[method]?.responses[String(status)];
    expect(documented).toBeDefined();
    if (status === 204) return;
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    expect(Object.keys(documented?.content ?? {})).toContain(type);
    const pointer = ['paths', template, method, 'responses', String(status), 'content', type, 'schema'];
    const validate = ajv.compile({ $ref: `openapi#/${pointer.map(escapePointer).join('/')}` });
    const valid = validate(answer.json());
    expect({ path, errors: valid ? [] : validate.errors }).toEqual({ path, errors: [] });
  };

  it('has the contract’s calls', () => {
    const listed = operations().map(([name]) => name.replaceAll(/\{\w+\}/g, '{}'));
    expect(listed).toEqual(
      expect.arrayContaining([
        'POST /maas-api/v1/tokens',
        'GET /maas-api/v1/tokens',
        'DELETE /maas-api/v1/tokens',
        'DELETE /maas-api/v1/tokens/{}',
        'GET /maas-api/v1/models',
        'GET /maas-api/v1/models/{}',
        'GET /v1/models',
        'GET /{}/v1/models',
        'GET /maas-api/v1/tiers',
        'POST /maas-api/v1/tiers/lookup',
        'GET /maas-api/v1/me',
        'GET /maas-api/v1/usage',
        'GET /maas-api/v1/usage/requests',
        'POST /maas-api/v1/admin/models',
        'PATCH /maas-api/v1/admin/models/{}',
        'POST /maas-api/v1/admin/tiers',
        'PATCH /maas-api/v1/admin/users/{}',
        'POST /{}/v1/chat/completions',
        'POST /v1/chat/completions',
        'POST /{}/v1/completions',
        'GET /health/live',
        'GET /health/ready',
        'GET /.well-known/jwks.json',
      ]),
    );
  });

  it('has a summary and an id of its own for every operation', () => {
    expect(
      operations()
        .filter(([, { summary }]) => !summary)
        .map(([name]) => name),
    ).toEqual([]);
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it('has error responses for every operation that can be refused', () => {
    const withoutErrors = operations()
      .filter(([name]) => !/\/health\/|\/\.well-known\//.test(name))
      .filter(([, { responses }]) => !('401' in responses))
      .map(([name]) => name);
    expect(withoutErrors).toEqual([]);
  });

  it('has what can go wrong with any request, and with any body', () => {
    const lacking = operations().flatMap(([name, { requestBody, responses }]) => {
      const expected = ['500'];
      if (requestBody !== undefined) expected.push('400', '413', '415');
      if (name.startsWith('HEAD ')) expected.push('503');
      return expected.filter(status => !(status in responses)).map(status => `${name} ${status}`);
    });
    expect(lacking).toEqual([]);
    expect(document.info.description).toMatch(/404.*`not_found`.*405.*`method_not_allowed`.*`Allow`/s);
  });

  it('has an example of every JSON body', () => {
    const hasExample = ({ example, examples, schema }: MediaType): boolean =>
      example !== undefined || examples !== undefined || /"examples?":/.test(JSON.stringify(resolveOnce(schema)));
    const resolveOnce = (schema: object | undefined): unknown => {
      const reference = (schema as { $ref?: string } | undefined)?.$ref;
      return reference === undefined ? schema : ajv.getSchema(`openapi${reference}`)?.schema;
    };
    const lacking = operations().flatMap(([name, { requestBody, responses }]) => {
      const answers = Object.entries(responses).flatMap(([status, { content }]) =>
        Object.values(content ?? {}).map(media => ({ status, media })),
      );
      const bodies = Object.values(requestBody?.content ?? {}).map(media => ({ status: 'body', media }));
      return [...bodies, ...answers].filter(({ media }) => !hasExample(media)).map(({ status }) => `${name} ${status}`);
    });
    expect(lacking).toEqual([]);
  });

  it('holds of what the control plane answers', async () => {
    const token = gateway.identities['enterprise-user'];
    const asked: [string, string, string, CallOptions, number][] = [
      ['post', '/maas-api/v1/tokens', '/maas-api/v1/tokens', { token, body: { expiration: '15m', name: 'x' } }, 201],
      ['post', '/maas-api/v1/tokens', '/maas-api/v1/tokens', { token, body: {} }, 201],
      ['post', '/maas-api/v1/tokens', '/maas-api/v1/tokens', { token, body: { expiration: 'x' } }, 400],
      ['post', '/maas-api/v1/tokens', '/maas-api/v1/tokens', { body: {} }, 401],
      ['get', '/maas-api/v1/tokens', '/maas-api/v1/tokens', { token }, 200],
      ['get', '/maas-api/v1/models', '/maas-api/v1/models', { token }, 200],
      ['get', '/maas-api/v1/models/{id}', '/maas-api/v1/models/qwen3', { token }, 200],
      ['get', '/maas-api/v1/models/{id}', '/maas-api/v1/models/nonesuch', { token }, 404],
      ['get', '/maas-api/v1/models/{id}', '/maas-api/v1/models/qwen3', { token: gateway.identities['free-user'] }, 403],
      ['get', '/maas-api/v1/tiers', '/maas-api/v1/tiers', { token }, 200],
      [
        'post',
        '/maas-api/v1/tiers/lookup',
        '/maas-api/v1/tiers/lookup',
        { token, body: { groups: ['premium-group'] } },
        200,
      ],
      ['post', '/maas-api/v1/tiers/lookup', '/maas-api/v1/tiers/lookup', { token, body: { groups: ['x'] } }, 404],
      ['get', '/maas-api/v1/me', '/maas-api/v1/me', { token }, 200],
      ['get', '/maas-api/v1/usage', '/maas-api/v1/usage?groupBy=model', { token }, 200],
      ['get', '/maas-api/v1/usage/requests', '/maas-api/v1/usage/requests', { token }, 200],
      ['get', '/health/live', '/health/live', {}, 200],
      ['get', '/health/ready', '/health/ready', {}, 200],
      ['get', '/.well-known/jwks.json', '/.well-known/jwks.json', {}, 200],
      ['delete', '/maas-api/v1/tokens', '/maas-api/v1/tokens', { token }, 204],
    ];
    for (const [method, template, path, options, status] of asked)
      await expectDocumented(method, template, path, options, status);
  });

  it('holds of what the operator’s side answers', async () => {
    const token = gateway.identities['admin-user'];
    const model = { id: 'documented', tier: 'free', upstreams: [{ url: 'simulator:' }] };
    const tier = {
      name: 'documented',
      displayName: 'Documented',
      level: 77,
      groups: [],
      limits: [{ unit: 'concurrency', limit: 1 }],
    };
    const admin = '/maas-api/v1/admin';
    const asked: [string, string, string, CallOptions, number][] = [
      ['post', `${admin}/models`, `${admin}/models`, { token, body: model }, 201],
      ['post', `${admin}/models`, `${admin}/models`, { token, body: model }, 409],
      ['get', `${admin}/models`, `${admin}/models`, { token }, 200],
      ['get', `${admin}/models/{id}`, `${admin}/models/documented`, { token }, 200],
      ['patch', `${admin}/models/{id}`, `${admin}/models/documented`, { token, body: { name: 'Renamed' } }, 200],
      ['delete', `${admin}/models/{id}`, `${admin}/models/documented`, { token }, 204],
      ['post', `${admin}/tiers`, `${admin}/tiers`, { token, body: tier }, 201],
      ['get', `${admin}/tiers`, `${admin}/tiers`, { token }, 200],
      ['get', `${admin}/tiers/{name}`, `${admin}/tiers/documented`, { token }, 200],
      ['patch', `${admin}/tiers/{name}`, `${admin}/tiers/documented`, { token, body: { displayName: 'Renamed' } }, 200],
      ['delete', `${admin}/tiers/{name}`, `${admin}/tiers/documented`, { token }, 204],
      ['get', `${admin}/users`, `${admin}/users`, { token }, 200],
      ['get', `${admin}/users`, `${admin}/users`, { token: gateway.identities['free-user'] }, 403],
    ];
    for (const [method, template, path, options, status] of asked)
      await expectDocumented(method, template, path, options, status);
  });

  it('holds of what is answered to a body that is too large, or of another type', async () => {
    const token = gateway.identities['admin-user'];
    const text = { token, body: 'text', headers: { 'content-type': 'text/plain' } };
    const bodies = operations().filter(([name, { requestBody }]) => requestBody && name.includes(' /maas-api/'));
    expect(bodies.length).toBeGreaterThan(8);
    for (const [name] of bodies) {
      const [method = '', template = ''] = name.split(' ');
      const path = template.replaceAll(/\{\w+\}/g, 'x');
      await expectDocumented(method.toLowerCase(), template, path, text, 415);
    }
    const large = { token, body: ' '.repeat(33 * 1024 * 1024) };
    await expectDocumented('post', '/maas-api/v1/admin/tiers', '/maas-api/v1/admin/tiers', large, 413);
  });

  it('holds of what the data plane answers', async () => {
    const token = await gateway.mint('enterprise-user');
    const free = await gateway.mint('free-user');
    const own = '/{model}/v1/chat/completions';
    const asked: [string, string, string, CallOptions, number][] = [
      ['get', '/v1/models', '/v1/models', { token }, 200],
      ['get', '/{model}/v1/models', '/simulator/v1/models', { token }, 200],
      ['post', own, '/simulator/v1/chat/completions', { token, body: chatBody('simulator') }, 200],
      ['post', own, '/simulator/v1/chat/completions', { token, body: '{' }, 400],
      ['post', own, '/simulator/v1/chat/completions', { token: 'nonsense', body: chatBody('simulator') }, 401],
      ['post', own, '/qwen3/v1/chat/completions', { token: free, body: chatBody('qwen3') }, 403],
      ['post', own, '/nonesuch/v1/chat/completions', { token, body: chatBody('nonesuch') }, 404],
      ['post', '/v1/chat/completions', '/v1/chat/completions', { token, body: chatBody('simulator') }, 200],
      [
        'post',
        '/{model}/v1/completions',
        '/simulator/v1/completions',
        { token, body: { model: 'simulator', prompt: 'hi' } },
        200,
      ],
    ];
    for (const [method, template, path, options, status] of asked)
      await expectDocumented(method, template, path, options, status);
    for (let request = 0; request < 5; request += 1) {
      await gateway.call('/simulator/v1/chat/completions', {
        token: free,
        body: chatBody('simulator', { max_tokens: 1 }),
      });
    }
    await expectDocumented(
      'post',
      own,
      '/simulator/v1/chat/completions',
      { token: free, body: chatBody('simulator') },
      429,
    );
  });
});
