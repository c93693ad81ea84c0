import type { LookupOptions } from 'node:dns';
import { type Environment, parseEnvironment } from '../platform/config/index.js';
import { UpstreamAddresses } from './upstream-addresses.service.js';

const ALLOWING = { MAAS_ALLOW_LINK_LOCAL_UPSTREAMS: 'true' };
const addressesWith = (variables: Record<string, string>): UpstreamAddresses =>
  new UpstreamAddresses(parseEnvironment(variables) satisfies Environment);

const looked = (addresses: UpstreamAddresses, name: string, options: LookupOptions): Promise<unknown> =>
  new Promise((resolve, reject) => {
    addresses.lookup(name, options, (error, found) => {
      if (error === null) resolve(found);
      else reject(error);
    });
  });

describe('the addresses of upstreams', () => {
  // A resolver hands an address back as it is, which stands here for a name that leads to it.
  it.each([{}, { all: true }, { family: 4 }])(
    'are refused while a connection is made where they are a metadata service, with %j',
    async options => {
      await expect(looked(addressesWith({}), '169.254.169.254', options)).rejects.toThrow('metadata address');
      await expect(looked(addressesWith(ALLOWING), '169.254.169.254', options)).resolves.toBeDefined();
    },
  );

  it('may be this machine', async () => {
    await expect(looked(addressesWith({}), '127.0.0.1', {})).resolves.toBe('127.0.0.1');
    await expect(looked(addressesWith({}), '127.0.0.1', { all: true })).resolves.toEqual([
      { address: '127.0.0.1', family: 4 },
    ]);
    await expect(addressesWith({}).check('http://localhost:11434/v1', 'url')).resolves.toBeUndefined();
  });

  it('may be unknown yet, and the bundled simulator has none', async () => {
    await expect(addressesWith({}).check('http://not-yet-there.invalid/v1', 'url')).resolves.toBeUndefined();
    await expect(addressesWith({}).check('simulator:', 'url')).resolves.toBeUndefined();
  });

  it('that are forbidden are refused by the name of their field', async () => {
    const check = addressesWith({}).check('http://[::ffff:169.254.169.254]/v1', 'upstreams.0.url');
    await expect(check).rejects.toMatchObject({ status: 400, param: 'upstreams.0.url' });
    await expect(addressesWith(ALLOWING).check('http://169.254.169.254/', 'url')).resolves.toBeUndefined();
  });
});
