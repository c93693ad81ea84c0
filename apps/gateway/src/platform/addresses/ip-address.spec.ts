import fc from 'fast-check';
import { canonicalAddress, networkOf } from './ip-address.js';

const groupsOf = (address: string): number[] => {
  const [before = '', after = ''] = address.split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === '' ? [] : after.split(':');
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right].map(group =>
    Number.parseInt(group, 16),
  );
};

describe('the canonical spelling of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:c000:201', '192.0.2.1'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ])('of %s is %s', (written, spelling) => expect(canonicalAddress(written)).toBe(spelling));

  it.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '01.2.3.4', '256.1.1.1', '1.2.3.4:80', '[::1]', ':::', '::g', '%'])(
    'is missing where %j is no address',
    text => expect(canonicalAddress(text)).toBeUndefined(),
  );

  it('is the same however an address is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.boolean(), (address, upper) => {
        const canonical = canonicalAddress(address);
        expect(canonical).toBeDefined();
        expect(canonicalAddress(upper ? address.toUpperCase() : address)).toBe(canonical);
        expect(canonicalAddress(canonical ?? '')).toBe(canonical);
      }),
    );
    fc.assert(
      fc.property(fc.ipV4(), address => {
        expect(canonicalAddress(address)).toBe(address);
        expect(canonicalAddress(`::ffff:${address}`)).toBe(address);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), text => void canonicalAddress(text)));
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ])('of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));

  it('is the same for all addresses of a /64, and for no other', () => {
    const group = fc.nat(0xffff);
    const half = fc.tuple(group, group, group, group);
    fc.assert(
      fc.property(half, half, half, (one, other, host) => {
        const addressOf = (site: number[], rest: number[]): string =>
          canonicalAddress([...site, ...rest].map(part => part.toString(16)).join(':')) ?? '';
        const [here, there] = [addressOf(one, host), addressOf(other, host)];
        fc.pre(here.includes(':') && there.includes(':') && !here.includes('.') && !there.includes('.'));
        expect(groupsOf(networkOf(here).replace('/64', '')).slice(0, 4)).toEqual(one);
        expect(networkOf(here)).toBe(networkOf(addressOf(one, [1, 2, 3, 4])));
        expect(networkOf(here) === networkOf(there)).toBe(one.join() === other.join());
      }),
    );
  });
});
