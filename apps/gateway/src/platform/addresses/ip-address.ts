import { isIPv4, isIPv6, SocketAddress } from 'node:net';

const MAPPED = '::ffff:';
const GROUPS = 8;
/** What one site gets of IPv6 at least (RFC 6177): its hosts choose the rest of their addresses themselves. */
const SITE_GROUPS = 4;

/**
 * The one spelling of an IP address: IPv6 as RFC 5952 writes it, without a zone, and IPv4-mapped IPv6 as IPv4.
 * @returns undefined where the text is no IP address
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf('%');
  const { address } = new SocketAddress({ family: 'ipv6', address: zone === -1 ? text : text.slice(0, zone) });
  return address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address;
}

/**
 * The key under which an address is counted: the address itself for IPv4, its /64 network for IPv6.
 * @param address in the spelling of {@link canonicalAddress}
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [before = '', after = ''] = address.split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === '' ? [] : after.split(':');
  const zeros = Array<string>(Math.max(0, GROUPS - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, SITE_GROUPS).join(':')}::/64`;
}
