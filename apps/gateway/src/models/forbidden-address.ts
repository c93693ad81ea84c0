import { BlockList, isIP } from 'node:net';

/**
 * Where a cloud tells a machine its credentials, and link-local networks (RFC 3927, RFC 4291 2.5.6), where such services
 * live. An upstream there would hand them to whoever may write into the catalog.
 */
const FORBIDDEN_V4: [string, number][] = [
  // Link-local: AWS, Google, Azure, Oracle, OpenStack, ECS tasks.
  ['169.254.0.0', 16],
  // Azure's wire server, Alibaba, Oracle Classic.
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
];
const FORBIDDEN_V6: [string, number][] = [
  ['fe80::', 10],
  // AWS, Google.
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
];
/** Prefixes of 96 bits behind which an IPv4 address stands: compatible, SIIT, NAT64 (RFC 4291, 2765, 6052). */
const EMBEDDING = ['::', '::ffff:0:', '64:ff9b::'];

/** The 6to4 prefix of an IPv4 address (RFC 3056). */
const sixToFour = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::`;
};

const forbidden = new BlockList();
for (const [address, bits] of FORBIDDEN_V4) {
  // IPv4-mapped IPv6 addresses are matched by this too.
  forbidden.addSubnet(address, bits, 'ipv4');
  for (const prefix of EMBEDDING) forbidden.addSubnet(`${prefix}${address}`, 96 + bits, 'ipv6');
  forbidden.addSubnet(sixToFour(address), 16 + bits, 'ipv6');
}
for (const [address, bits] of FORBIDDEN_V6) forbidden.addSubnet(address, bits, 'ipv6');

/** Names of the same services, known everywhere; elsewhere than in their cloud they resolve to nothing. */
const FORBIDDEN_NAMES = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'instance-data.ec2.internal',
  'metadata.tencentyun.com',
]);

/** Whether the IP address, in whatever notation of IPv6, is link-local or that of a metadata service. */
export const isForbiddenAddress = (ip: string): boolean => forbidden.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');

/**
 * Whether a host as `URL` gives it is such an address or such a service's name. `URL` has made decimal, hexadecimal,
 * octal and shortened IPv4 addresses into the usual form by then.
 */
export function isForbiddenHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
  return isIP(host) === 0 ? FORBIDDEN_NAMES.has(host.toLowerCase()) : isForbiddenAddress(host);
}
