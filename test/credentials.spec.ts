import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { call, expectError, type Answer } from './support/answer.js';
import { chat, chatBody } from './support/chat.js';
import { decodeJwt, readSigningKey, signEs256, signHs256, unsigned, type Claims } from './support/jwt.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';

describe('a credential', () => {
  let gateway: Gateway;
  let token: string;
  let header: Claims;
  let claims: Claims;
  let privateKey: JsonWebKey;

  beforeAll(async () => {
    gateway = await startGateway();
    token = await gateway.mint('enterprise-user');
    ({ header, claims } = decodeJwt(token));
    privateKey = await readSigningKey(gateway.dataDir, String(header['kid']));
  });

  afterAll(() => gateway.dispose());

  /** The guide's body to the letter, and the reason in the header alone. */
  const expectRefused = (answer: Answer): void => {
    expectError(answer, 401, {
      message: 'Invalid authentication token',
      type: 'invalid_request_error',
      code: 'invalid_api_key',
      param: null,
    });
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
    // Claude Code repeats a 401 for minutes without it.
    expect(answer.headers.get('x-should-retry')).toBe('false');
  };
  const expectRefusedEverywhere = async (credential: string): Promise<void> => {
    expectRefused(await chat(gateway, credential));
    expectRefused(await gateway.call('/maas-api/v1/models', { token: credential }));
    expectRefused(await gateway.call('/v1/models', { token: credential }));
  };

  it('that the gateway issued is accepted, and so is one that its key signs again', async () => {
    expect((await chat(gateway, token)).status).toBe(200);
    expect((await chat(gateway, signEs256(header, claims, privateKey))).status).toBe(200);
  });

  it('that is missing is refused on both planes', async () => {
    const body = chatBody('simulator');
    expectRefused(await gateway.call('/simulator/v1/chat/completions', { body }));
    expectRefused(await gateway.call('/v1/chat/completions', { body }));
    expectRefused(await gateway.call('/maas-api/v1/models'));
    expectRefused(await gateway.call('/maas-api/v1/tokens', { body: {} }));
    expectRefused(await gateway.call('/maas-api/v1/admin/models'));
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Basic dXNlcjpwYXNz',
    'Bearer a b',
    'token',
    'Bearer ..',
    'Bearer eyJ.eyJ.x',
    `Bearer ${'x'.repeat(9000)}`,
  ])('that is malformed is refused: %s', async authorization => {
    const headers = { authorization };
    expectRefused(await gateway.call('/simulator/v1/chat/completions', { headers, body: chatBody('simulator') }));
    expectRefused(await gateway.call('/maas-api/v1/models', { headers }));
  });

  it('is accepted whatever the case of its scheme', async () => {
    const answer = await gateway.call('/maas-api/v1/models', { headers: { authorization: `bearer ${token}` } });
    expect(answer.status).toBe(200);
  });

  it('that has expired is refused', async () => {
    const shortLived = await gateway.mint('enterprise-user', { expiration: '1s' });
    const refused = await until('the token expires', async () => {
      const answer = await gateway.call('/maas-api/v1/models', { token: shortLived });
      return answer.status === 401 && answer;
    });
    expectRefused(refused);
    await expectRefusedEverywhere(shortLived);
  });

  it('that says that it needs no signature is refused', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE'])
      await expectRefusedEverywhere(unsigned({ ...header, alg }, claims));
  });

  it('that is signed with the public key as a secret is refused', async () => {
    const { text } = await gateway.call('/.well-known/jwks.json');
    const { keys } = JSON.parse(text) as { keys: JsonWebKey[] };
    const publicKey = keys.find(key => key['kid'] === header['kid']);
    expect(publicKey).toBeDefined();
    for (const secret of [JSON.stringify(publicKey), text, publicKey?.x ?? '', publicKey?.y ?? '']) {
      await expectRefusedEverywhere(signHs256(header, claims, secret));
    }
  });

  it('that a stranger’s key signs is refused', async () => {
    const { privateKey: stranger } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expectRefusedEverywhere(signEs256(header, claims, stranger.export({ format: 'jwk' })));
  });

  it('that brings its own key is refused', async () => {
    const { privateKey: stranger, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' });
    await expectRefusedEverywhere(signEs256({ ...header, jwk }, claims, stranger.export({ format: 'jwk' })));
    await expectRefusedEverywhere(signEs256({ alg: 'ES256', jwk }, claims, stranger.export({ format: 'jwk' })));
  });

  it.each<[string, Claims]>([
    ['names another issuer', { iss: 'https://elsewhere.example' }],
    ['names no issuer', { iss: undefined }],
    ['names another audience', { aud: 'another-service' }],
    ['names no audience', { aud: undefined }],
    ['names no subject', { sub: undefined }],
    ['names a subject whom nobody knows', { sub: 'nobody-at-all' }],
    ['has no id', { jti: undefined }],
    ['never expires', { exp: undefined }],
    ['has expired, though it was signed rightly', { iat: 1_600_000_000, exp: 1_600_000_900 }],
  ])('that %s is refused', async (_what, wrong) => {
    await expectRefusedEverywhere(signEs256(header, { ...claims, ...wrong }, privateKey));
  });

  it.each<[string, unknown]>([
    ['unknown', 'no-such-key'],
    ['missing', undefined],
    ['a path', '../../../../dev/null'],
    ['a query', "x' OR '1'='1"],
  ])('whose key id is %s is refused', async (_what, kid) => {
    await expectRefusedEverywhere(signEs256({ ...header, kid }, claims, privateKey));
  });

  it('whose payload was changed is refused', async () => {
    const [head = '', , signature = ''] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'admin-user' })).toString('base64url');
    await expectRefusedEverywhere(`${head}.${forged}.${signature}`);
  });

  it('that comes from the identity provider is refused on the data plane alone', async () => {
    const identity = gateway.identities['enterprise-user'];
    expectRefused(await chat(gateway, identity));
    expectRefused(await gateway.call('/v1/models', { token: identity }));
    expectRefused(await gateway.call('/simulator/v1/models', { token: identity }));
    expect((await gateway.call('/maas-api/v1/models', { token: identity })).status).toBe(200);
  });

  it('that the gateway did not issue is refused by a model with the way to get one', async () => {
    const foreign = signEs256(header, { ...claims, iss: 'https://idp.example' }, privateKey);
    for (const credential of [gateway.identities['enterprise-user'], foreign, 'sha256~opaque', 'nonsense']) {
      const answer = await chat(gateway, credential);
      expectRefused(answer);
      expect(answer.headers.get('www-authenticate')).toContain('with POST /maas-api/v1/tokens');
    }
  });

  it.each(['x-api-key', 'api-key'])('is taken from %s on the data plane', async name => {
    const path = '/simulator/v1/chat/completions';
    const body = chatBody('simulator');
    expect((await gateway.call(path, { body, headers: { [name]: token } })).status).toBe(200);
    expectRefused(await gateway.call(path, { body, headers: { [name]: 'nonsense' } }));
    expectRefused(await gateway.call(path, { body, headers: { [name]: '' } }));
  });

  it('may be sent in several headers, and is refused where they differ', async () => {
    expect((await chat(gateway, token, { headers: { 'x-api-key': token, 'api-key': token } })).status).toBe(200);
    const several: Record<string, string>[] = [
      { 'api-key': 'other' },
      { 'x-api-key': 'other' },
      { 'x-api-key': token, 'api-key': 'other' },
    ];
    for (const headers of several) {
      const answer = await chat(gateway, token, { headers });
      expectRefused(answer);
      expect(answer.headers.get('www-authenticate')).toContain('several credentials that differ');
    }
  });

  it('that is refused on HEAD is told so in the header', async () => {
    const answer = await gateway.call('/simulator/v1/chat/completions', { method: 'HEAD', token: 'nonsense' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
  });

  it('never stands in the log', async () => {
    await chat(gateway, token, { fields: { messages: [{ role: 'user', content: 'my darkest secret' }] } });
    await call(`${gateway.url}/simulator/v1/chat/completions?token=${token}`, { token, body: { model: 'no' } });
    expect(gateway.stdout()).not.toContain(token.split('.')[2] ?? token);
    expect(gateway.stdout()).not.toContain('my darkest secret');
  });

  it('is verified with keys that hold nothing private in public', async () => {
    const answer = await gateway.call('/.well-known/jwks.json');
    expect(answer.status).toBe(200);
    const { keys } = answer.json<{ keys: JsonWebKey[] }>();
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({
        kty: 'EC',
        crv: 'P-256',
        alg: 'ES256',
        use: 'sig',
        kid: expect.any(String) as string,
      });
      expect(key).not.toHaveProperty('d');
    }
  });
});
