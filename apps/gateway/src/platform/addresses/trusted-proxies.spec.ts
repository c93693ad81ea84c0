import fc from 'fast-check';
import { canonicalAddress } from './ip-address.js';
import { TrustedProxies } from './trusted-proxies.js';

const bitsOf = (address: string): number => address.split('.').reduce((bits, octet) => bits * 256 + Number(octet), 0);

describe('trusted proxies', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['2001:db8::1', '2001:db8::1', true],
    ['::1', '::1', true],
    ['::/0', '2001:db8::1', true],
    ['::ffff:10.0.0.0/104', '10.20.30.40', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['10.0.0.0/8', '::ffff:10.20.30.40', true],
  ])('of %s: %s is one: %s', (entry, address, trusted) => {
    expect(new TrustedProxies([entry]).trusts(canonicalAddress(address) ?? '')).toBe(trusted);
  });

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/0x8',
    'fd00::/129',
    '::ffff:10.0.0.0/8',
    '/8',
  ])('cannot be %j', entry => expect(() => new TrustedProxies([entry])).toThrow(RangeError));

  it('are none where none are named', () => {
    expect(new TrustedProxies([]).trusts('127.0.0.1')).toBe(false);
  });

  it('are all addresses with the same prefix', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 32 }), (network, address, length) => {
        const shift = 2 ** (32 - length);
        const same = Math.floor(bitsOf(network) / shift) === Math.floor(bitsOf(address) / shift);
        const proxies = new TrustedProxies([`${network}/${length}`]);
        expect(proxies.trusts(address)).toBe(same);
        expect(proxies.trusts(network)).toBe(true);
      }),
    );
  });
});
