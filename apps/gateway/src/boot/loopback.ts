import { isIPv4, isIPv6 } from 'node:net';

/** Whether a listener on this host can be reached from this machine alone. A name other than localhost may be anything. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIPv4(host)) return host.startsWith('127.');
  return isIPv6(host) && (host === '::1' || /^::ffff:127\./i.test(host));
}
