import { expectError, type Answer } from './support/answer.js';
import { chat } from './support/chat.js';
import { decodeJwt } from './support/jwt.js';
import { startGateway, type Gateway } from './support/gateway.js';

interface Minted {
  token: string;
  expiration: string;
  expiresAt: number;
  issuedAt: number;
  jti: string;
  name?: string;
}

interface Listed {
  data: { jti: string; name: string | null; issuedAt: string; expiresAt: string; lastUsedAt: string | null }[];
}

const TOKENS = '/maas-api/v1/tokens';

describe('access tokens', () => {
  let gateway: Gateway;
  const mint = (body: unknown, token = gateway.identities['enterprise-user']): Promise<Answer> =>
    gateway.call(TOKENS, { method: 'POST', token, body });
  const revoke = (token: string, jti = ''): Promise<Answer> =>
    gateway.call(jti === '' ? TOKENS : `${TOKENS}/${jti}`, { method: 'DELETE', token });

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  it('are issued with their lifetime as a Go duration and their times in unix seconds', async () => {
    const answer = await mint({ expiration: '15m', name: 'laptop' });
    expect(answer.status).toBe(201);
    const minted = answer.json<Minted>();
    expect(minted).toMatchObject({ expiration: '15m0s', name: 'laptop' });
    expect(minted.expiresAt - minted.issuedAt).toBe(900);
    expect(Math.abs(minted.issuedAt - Date.now() / 1000)).toBeLessThan(60);
    expect(decodeJwt(minted.token).claims).toMatchObject({
      jti: minted.jti,
      iat: minted.issuedAt,
      exp: minted.expiresAt,
    });
  });

  it('carry who, and nothing that goes stale', async () => {
    const { token } = (await mint({})).json<Minted>();
    const { header, claims } = decodeJwt(token);
    expect(header).toMatchObject({ alg: 'ES256', kid: expect.any(String) as string });
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sub']);
  });

  it.each([
    ['601s', '10m1s', 601],
    ['1h30m45s', '1h30m45s', 5445],
    ['1.5h', '1h30m0s', 5400],
    ['1d', '24h0m0s', 86_400],
    ['1s', '1s', 1],
    [90, '1m30s', 90],
    [null, '4h0m0s', 14_400],
  ])('live as long as %p says', async (expiration, echoed, seconds) => {
    const answer = await mint({ expiration });
    expect(answer.status).toBe(201);
    const minted = answer.json<Minted>();
    expect(minted.expiration).toBe(echoed);
    expect(minted.expiresAt - minted.issuedAt).toBe(seconds);
  });

  it.each([
    ['an empty body', ''],
    ['an empty object', '{}'],
    ['null', 'null'],
  ])('live for four hours where %s asks for nothing else', async (_what, body) => {
    const answer = await mint(body);
    expect(answer.status).toBe(201);
    expect(answer.json<Minted>().expiration).toBe('4h0m0s');
  });

  it('live for four hours where there is neither a body nor a content type', async () => {
    const answer = await gateway.call(TOKENS, { method: 'POST', token: gateway.identities['enterprise-user'] });
    expect(answer.status).toBe(201);
    expect(answer.json<Minted>().expiration).toBe('4h0m0s');
  });

  it.each([
    '0s',
    '0',
    '-1h',
    '-5s',
    '',
    ' ',
    'soon',
    '15',
    '15 m',
    '1h 30m',
    '15M',
    'h',
    '1e3s',
    '24h1s',
    '25h',
    '2d',
    '999999999999h',
    0,
    -1,
    86_401,
    1e300,
    true,
    false,
    {},
    [],
    ['15m'],
  ])('are not issued for the expiration %p', async expiration => {
    const answer = await mint({ expiration });
    expectError(answer, 400, { type: 'invalid_request_error', code: 'invalid_expiration', param: 'expiration' });
    expect(answer.text).toMatch(/24h/);
  });

  it('are not issued for fields that the contract does not know, which the answer names', async () => {
    const answer = await mint({ expiration: '15m', expires: '1h', scope: 'all' });
    expectError(answer, 400, { type: 'invalid_request_error', code: 'invalid_request' });
    expect(answer.text).toContain('expires');
    expect(answer.text).toContain('scope');
  });

  it.each([
    ['a list', '[]'],
    ['a text', '"15m"'],
    ['a number', '900'],
    ['a name that is none', '{"name":7}'],
  ])('are not issued for %s', async (_what, body) =>
    expectError(await mint(body), 400, { type: 'invalid_request_error', code: 'invalid_request' }),
  );

  it('cannot issue further tokens', async () => {
    const token = await gateway.mint('enterprise-user');
    expectError(await mint({}, token), 403, { type: 'permission_error', code: 'access_denied' });
  });

  it('are listed to their owner, without the tokens themselves', async () => {
    const first = (await mint({ name: 'one' }, gateway.identities['free-user'])).json<Minted>();
    const second = (await mint({ name: 'two' }, gateway.identities['free-user'])).json<Minted>();
    const answer = await gateway.call(TOKENS, { token: first.token });
    expect(answer.status).toBe(200);
    const { data } = answer.json<Listed>();
    expect(data.map(({ name }) => name).sort()).toEqual(['one', 'two']);
    const listed = data.find(({ jti }) => jti === first.jti);
    expect(listed).toMatchObject({
      issuedAt: new Date(first.issuedAt * 1000).toISOString(),
      expiresAt: new Date(first.expiresAt * 1000).toISOString(),
    });
    // This very call used it; nobody has used the other.
    expect(Date.parse(listed?.lastUsedAt ?? '')).toBeGreaterThanOrEqual(first.issuedAt * 1000);
    expect(data.find(({ jti }) => jti === second.jti)).toMatchObject({ lastUsedAt: null });
    expect(answer.text).not.toContain(second.token);
  });

  it('are refused from the moment at which their revocation is answered', async () => {
    const { token, jti } = (await mint({})).json<Minted>();
    const other = await gateway.mint('enterprise-user');
    expect((await chat(gateway, token)).status).toBe(200);
    const revoked = await revoke(gateway.identities['enterprise-user'], jti);
    expect({ status: revoked.status, text: revoked.text }).toEqual({ status: 204, text: '' });
    const refused = await chat(gateway, token);
    expectError(refused, 401, { message: 'Invalid authentication token', code: 'invalid_api_key' });
    expectError(await gateway.call(TOKENS, { token }), 401, { code: 'invalid_api_key' });
    expect((await chat(gateway, other)).status).toBe(200);
    const { data } = (await gateway.call(TOKENS, { token: other })).json<Listed>();
    expect(data.map(listed => listed.jti)).not.toContain(jti);
  });

  it('can revoke themselves', async () => {
    const { token, jti } = (await mint({})).json<Minted>();
    expect((await revoke(token, jti)).status).toBe(204);
    expectError(await chat(gateway, token), 401, { code: 'invalid_api_key' });
  });

  it('are revoked once only, by their owner only, and only where they exist', async () => {
    const { token, jti } = (await mint({})).json<Minted>();
    expectError(await revoke(gateway.identities['free-user'], jti), 404, { code: 'not_found' });
    expect((await chat(gateway, token)).status).toBe(200);
    expect((await revoke(gateway.identities['enterprise-user'], jti)).status).toBe(204);
    expectError(await revoke(gateway.identities['enterprise-user'], jti), 404, { code: 'not_found' });
    const unknown = '01890a5d-ac96-774b-bcce-b302099a8057';
    expectError(await revoke(gateway.identities['enterprise-user'], unknown), 404, { code: 'not_found' });
    expectError(await revoke(gateway.identities['enterprise-user'], 'no-uuid'), 404, { code: 'not_found' });
  });

  it('are all dead at once after their owner revokes all of them, and nobody else’s are', async () => {
    const tokens = await Promise.all([gateway.mint('premium-user'), gateway.mint('premium-user')]);
    const stranger = await gateway.mint('enterprise-user');
    expect((await revoke(gateway.identities['premium-user'])).status).toBe(204);
    for (const token of tokens) expectError(await chat(gateway, token), 401, { code: 'invalid_api_key' });
    expect((await chat(gateway, stranger)).status).toBe(200);
    const { data } = (await gateway.call(TOKENS, { token: gateway.identities['premium-user'] })).json<Listed>();
    expect(data).toEqual([]);
    expect((await chat(gateway, await gateway.mint('premium-user'))).status).toBe(200);
  });

  it('are all dead after an administrator revokes them on their owner’s behalf', async () => {
    const token = await gateway.mint('premium-user');
    const me = (await gateway.call('/maas-api/v1/me', { token })).json<{ subject: string }>();
    const path = `/users/${encodeURIComponent(me.subject)}/tokens`;
    expect((await gateway.admin(path, { method: 'DELETE' })).status).toBe(204);
    expectError(await chat(gateway, token), 401, { code: 'invalid_api_key' });
  });

  it('stay revoked, and stay valid, when the process is killed and started again', async () => {
    const dead = (await mint({})).json<Minted>();
    const live = await gateway.mint('enterprise-user');
    expect((await revoke(gateway.identities['enterprise-user'], dead.jti)).status).toBe(204);
    await gateway.kill9();
    await gateway.restart();
    expectError(await chat(gateway, dead.token), 401, { code: 'invalid_api_key' });
    expect((await chat(gateway, live)).status).toBe(200);
  });
});
