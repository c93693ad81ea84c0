import fc from 'fast-check';
import { clientAddressOf } from './client-address.js';
import { TrustedProxies } from './trusted-proxies.js';

const PROXIES = new TrustedProxies(['10.0.0.0/8', 'fd00::/8', '127.0.0.1']);
const PROXY = '10.0.0.1';
const CLIENT = '203.0.113.7';

const byList = (list: string | string[], peer = PROXY) => clientAddressOf(peer, { 'x-forwarded-for': list }, PROXIES);
const byForwarded = (forwarded: string, peer = PROXY) => clientAddressOf(peer, { forwarded }, PROXIES);

describe('the address of a client', () => {
  it('is the peer’s where that is no trusted proxy, whatever the headers say', () => {
    const headers = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1' };
    expect(clientAddressOf(CLIENT, headers, PROXIES)).toBe(CLIENT);
    expect(clientAddressOf(PROXY, headers, new TrustedProxies([]))).toBe(PROXY);
  });

  it('is the peer’s where a trusted proxy says nothing', () => {
    expect(clientAddressOf(PROXY, {}, PROXIES)).toBe(PROXY);
    expect(clientAddressOf('::ffff:10.0.0.1', {}, PROXIES)).toBe(PROXY);
  });

  it('is unknown where the connection is closed', () => {
    expect(clientAddressOf(undefined, { 'x-forwarded-for': CLIENT }, PROXIES)).toBeUndefined();
  });

  it.each<[string | string[], string]>([
    [CLIENT, CLIENT],
    ['192.0.2.66, 203.0.113.7', CLIENT],
    ['192.0.2.66, 203.0.113.7, 10.2.3.4', CLIENT],
    ['  192.0.2.66 ,203.0.113.7,10.2.3.4 , fd00::2', CLIENT],
    [['192.0.2.66', '203.0.113.7, 10.2.3.4'], CLIENT],
    ['10.9.9.9, 10.2.3.4', '10.9.9.9'],
    ['203.0.113.7:4711', CLIENT],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['::ffff:203.0.113.7', CLIENT],
    ['garbage, 203.0.113.7', CLIENT],
  ])('is read from the right of X-Forwarded-For: %j', (list, client) => expect(byList(list)).toBe(client));

  it.each(['', ',', 'unknown', '203.0.113.7, ', '203.0.113.7, garbage', '203.0.113.7 192.0.2.1', '[]', '[::1', '1:2'])(
    'is the peer’s where the right of X-Forwarded-For is garbage: %j',
    list => expect(byList(list)).toBe(PROXY),
  );

  it.each([
    ['for=203.0.113.7', CLIENT],
    ['For="203.0.113.7:4711"; proto=https;by=10.0.0.1', CLIENT],
    ['proto=https;for=203.0.113.7', CLIENT],
    ['for=192.0.2.66, for=203.0.113.7, for=10.2.3.4', CLIENT],
    ['for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for="[2001:db8::\\17]"', '2001:db8::17'],
    ['for="a,b;c=d", for=203.0.113.7', CLIENT],
    ['for=unknown, for=203.0.113.7,, ', CLIENT],
  ])('is read from the right of Forwarded: %s', (header, client) => expect(byForwarded(header)).toBe(client));

  it.each([
    '',
    'for',
    'for=',
    'for=unknown',
    'for=_hidden',
    'by=203.0.113.7',
    'for="203.0.113.7',
    'for=203.0.113.7;for=192.0.2.1',
    'for = 203.0.113.7',
    'for=203.0.113.7 x',
    '203.0.113.7',
    'for="x, for=203.0.113.7',
  ])('is the peer’s where Forwarded is garbage: %j', header => expect(byForwarded(header)).toBe(PROXY));

  it('is what X-Forwarded-For says where both headers are there', () => {
    const headers = { 'x-forwarded-for': CLIENT, forwarded: 'for=192.0.2.1' };
    expect(clientAddressOf(PROXY, headers, PROXIES)).toBe(CLIENT);
  });

  it('cannot be chosen by the client, whatever it writes before what the proxy adds', () => {
    fc.assert(
      fc.property(fc.string(), own => {
        expect(byList(`${own}, ${CLIENT}`)).toBe(CLIENT);
        expect([CLIENT, PROXY]).toContain(byForwarded(`${own}, for=${CLIENT}`));
      }),
    );
    const pieces = fc.constantFrom('for', '=', '"', '\\', ',', ';', ' ', '[', ']', ':', '10.0.0.9', '192.0.2.1', '_x');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), own => {
        expect([CLIENT, PROXY]).toContain(byForwarded(`${own.join('')}, for=${CLIENT}`));
      }),
    );
  });

  it('is the first that is no proxy, of whatever addresses there are', () => {
    const proxy = fc.ipV4().map(address => address.replace(/^\d+/, '10'));
    const client = fc.ipV4().filter(address => !/^(?:10|127)\./.test(address));
    fc.assert(
      fc.property(fc.array(fc.ipV4()), client, fc.array(proxy), (left, address, right) => {
        const chain = [...left, address, ...right];
        expect(byList(chain.join(', '))).toBe(address);
        expect(byForwarded(chain.map(hop => `for=${hop}`).join(', '))).toBe(address);
      }),
    );
  });

  it('is found in linear time', () => {
    const length = 16 * 1024;
    const startedAt = performance.now();
    for (const piece of [' ', ',', ';', '"', '\\', 'for=', 'for="\\', '10.0.0.1,', 'for=10.0.0.1,', '[', ':']) {
      byList(piece.repeat(length / piece.length));
      byForwarded(piece.repeat(length / piece.length));
    }
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
