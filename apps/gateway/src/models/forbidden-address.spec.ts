import fc from 'fast-check';
import { isForbiddenAddress, isForbiddenHost } from './forbidden-address.js';

const hostOf = (host: string): string => new URL(`http://${host}/v1`).hostname;

describe('a link-local or metadata address', () => {
  const linkLocal = fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }));

  it('is known in every notation that a URL may hold', () => {
    fc.assert(
      fc.property(linkLocal, ([c, d]) => {
        const number = ((169 * 256 + 254) * 256 + c) * 256 + d;
        const hex = (value: number): string => value.toString(16).padStart(2, '0');
        const [high, low] = ['a9fe', `${hex(c)}${hex(d)}`];
        const hosts = [
          `169.254.${c}.${d}`,
          `169.254.${c}.${d}.`,
          String(number),
          `0x${number.toString(16)}`,
          `0${number.toString(8)}`,
          `0xa9.0376.${c}.${d}`,
          `169.254.${c * 256 + d}`,
          `[::ffff:169.254.${c}.${d}]`,
          `[::FFFF:${high}:${low}]`,
          `[0:0:0:0:0:ffff:${high}:${low}]`,
          `[::${high}:${low}]`,
          `[::ffff:0:${high}:${low}]`,
          `[64:ff9b::${high}:${low}]`,
          `[2002:${high}:${low}::1]`,
        ];
        expect(hosts.filter(host => !isForbiddenHost(hostOf(host)))).toEqual([]);
      }),
    );
  });

  it.each([
    '[fe80::1]',
    '[febf:ffff::1]',
    '[fd00:ec2::254]',
    '[fd00:0ec2:0:0:0:0:0:254]',
    '[fd20:ce::254]',
    '168.63.129.16',
    '100.100.100.200',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata.goog.',
    'instance-data.ec2.internal',
  ])('is known as %s', host => {
    expect(isForbiddenHost(hostOf(host))).toBe(true);
  });

  it('is known with its zone, as a resolver tells it', () => {
    expect(isForbiddenAddress('fe80::1%eth0')).toBe(true);
  });
});

describe('any other address', () => {
  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.253.255.255',
    '169.255.0.0',
    '1.1.1.1',
    '[::1]',
    '[fd00::1]',
    '[fec0::1]',
    '[2001:db8::1]',
    '[::ffff:10.0.0.1]',
    '[64:ff9b::10.0.0.1]',
    'localhost',
    'vllm',
    'metadata',
    'api.openai.com',
    'metadata.google.internal.example.com',
  ])('may be an upstream: %s', host => {
    expect(isForbiddenHost(hostOf(host))).toBe(false);
  });
});
