import { BlockList } from 'node:net';
import { canonicalAddress } from './ip-address.js';

const IPV4_BITS = 32;
const IPV6_BITS = 128;
const MAPPED_BITS = IPV6_BITS - IPV4_BITS;
const PREFIX_LENGTH = /^\d{1,3}$/;

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');

/** The proxies whose word about their client's address is taken. */
export class TrustedProxies {
  private readonly networks = new BlockList();
  private readonly none: boolean;

  /** @throws RangeError naming the entry that is neither an IP address nor a CIDR */
  constructor(entries: readonly string[]) {
    this.none = entries.length === 0;
    for (const entry of entries) this.add(entry);
  }

  /** @param address in the spelling of `canonicalAddress` */
  trusts(address: string): boolean {
    return !this.none && this.networks.check(address, familyOf(address));
  }

  private add(entry: string): void {
    const [text = '', length, ...rest] = entry.split('/');
    const address = canonicalAddress(text);
    const bits = address === undefined || rest.length > 0 ? undefined : prefixLength(text, address, length);
    if (address === undefined || bits === undefined) throw new RangeError(`${entry} is no IP address and no CIDR`);
    this.networks.addSubnet(address, bits, familyOf(address));
  }
}

/** The length of the prefix of an address in its canonical spelling, or undefined where the CIDR has none such. */
function prefixLength(text: string, address: string, length: string | undefined): number | undefined {
  const all = familyOf(address) === 'ipv4' ? IPV4_BITS : IPV6_BITS;
  if (length === undefined) return all;
  if (!PREFIX_LENGTH.test(length)) return undefined;
  // An IPv4-mapped network is written with the length of its IPv6 prefix.
  const bits = Number(length) - (all === IPV4_BITS && text.includes(':') ? MAPPED_BITS : 0);
  return bits >= 0 && bits <= all ? bits : undefined;
}
