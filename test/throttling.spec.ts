import { type Answer, expectError } from './support/answer.js';
import { chat } from './support/chat.js';
import { type Gateway, startGateway, type Username } from './support/gateway.js';
import { until } from './support/until.js';

const FAILURES = 5;
const MINTS = 8;
const TOKENS = '/maas-api/v1/tokens';

describe('a flood of token requests', () => {
  let gateway: Gateway;

  beforeEach(async () => {
    gateway = await startGateway({
      env: {
        MAAS_CREDENTIAL_FAILURES_PER_MINUTE: String(FAILURES),
        MAAS_MINTS_PER_MINUTE: String(MINTS),
        MAAS_TRUSTED_PROXIES: '127.0.0.1, fd00::/8',
      },
    });
  });
  afterEach(() => gateway.dispose());

  const mintWith = (token: string | undefined, headers: Record<string, string> = {}): Promise<Answer> =>
    gateway.call(TOKENS, { method: 'POST', token, body: {}, headers });
  const mintAs = (username: Username, headers?: Record<string, string>): Promise<Answer> =>
    mintWith(gateway.identities[username], headers);
  const expectSlowed = (answer: Answer): void => {
    expectError(answer, 429, { message: 'Rate limit exceeded', code: 'rate_limit_exceeded', param: 'requests' });
    const wait = Number(answer.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(63);
  };
  /** Uses up the failures of the address. */
  const failFrom = async (headers: Record<string, string> = {}): Promise<void> => {
    for (const credential of [undefined, '', 'x', 'a.b.c', 'demo-unknown'].slice(0, FAILURES))
      expectError(await mintWith(credential, headers), 401, { code: 'invalid_api_key' });
  };

  it('with credentials that are no good is slowed, and locks out nobody behind the same address', async () => {
    await failFrom();
    for (const credential of [undefined, 'x', 'demo-unknown']) expectSlowed(await mintWith(credential));
    const token = await gateway.mint('free-user');
    expect((await mintAs('premium-user')).status).toBe(201);
    expectSlowed(await mintWith('x'));
    // The other calls of the control plane count with it, and admit valid credentials as well.
    expectSlowed(await gateway.call('/maas-api/v1/me', { token: 'x' }));
    expectSlowed(await gateway.admin('/tiers', { token: 'x' }));
    expect((await gateway.call('/maas-api/v1/me', { token })).status).toBe(200);
    expect((await gateway.admin('/tiers')).status).toBe(200);
    // A client of the data plane would try a 429 again.
    expectError(await chat(gateway, 'x'), 401, { code: 'invalid_api_key' });
    const logged = await until('the address is logged', () =>
      gateway
        .stdout()
        .split('\n')
        .find(line => line.includes('too many refused credentials')),
    );
    expect(JSON.parse(logged)).toMatchObject({ clientAddress: '127.0.0.1', limit: FAILURES });
  });

  it('is counted by the address that a trusted proxy tells, by /64 for IPv6', async () => {
    const from = (address: string): Record<string, string> => ({
      'x-forwarded-for': `192.0.2.66, ${address}, fd00::1`,
    });
    await failFrom(from('203.0.113.1'));
    expectSlowed(await mintWith('x', from('203.0.113.1')));
    expectSlowed(await mintWith('x', { forwarded: 'for=203.0.113.1' }));
    expectError(await mintWith('x', from('203.0.113.2')), 401, {});
    expectError(await mintWith('x', from('garbage')), 401, {});
    await failFrom(from('2001:db8::1'));
    expectSlowed(await mintWith('x', from('2001:db8::ffff:1:2')));
    expectError(await mintWith('x', from('2001:db8:0:1::1')), 401, {});
  });

  it('with a valid credential is limited by its subject, whatever its address, and no other subject', async () => {
    for (let mints = 0; mints < MINTS; mints++)
      expect((await mintAs('free-user', { 'x-forwarded-for': `203.0.113.${mints}` })).status).toBe(201);
    expectSlowed(await mintAs('free-user'));
    expect((await mintAs('premium-user')).status).toBe(201);
    expect((await gateway.call('/maas-api/v1/me', { token: gateway.identities['free-user'] })).status).toBe(200);
  });
});
