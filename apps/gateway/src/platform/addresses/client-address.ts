import type { IncomingHttpHeaders } from 'node:http';
import { forwardedNodes } from './forwarded.header.js';
import { canonicalAddress } from './ip-address.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** An address in brackets, or one of IPv4, and the port that may follow (RFC 7239 6). */
const NODE = /^(?:\[([^\]]+)\]|([\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/;

/** The address of a node as proxies write it, with or without a port; undefined for `unknown`, `_hidden` and garbage. */
function addressOfNode(node: string): string | undefined {
  const [, bracketed, plain] = NODE.exec(node) ?? [];
  return canonicalAddress(bracketed ?? plain ?? node);
}

/**
 * The nodes that proxies say the request has passed, from the client on. `X-Forwarded-For` comes before `Forwarded`: nearly
 * all proxies write it, and one that does passes on a `Forwarded` of the client's own making.
 */
function nodesOf(headers: IncomingHttpHeaders): string[] | undefined {
  const list = headers['x-forwarded-for'];
  if (list !== undefined) return [list].flat().join(',').split(',');
  return headers.forwarded === undefined ? undefined : forwardedNodes(headers.forwarded);
}

/**
 * The address of the client that sent a request. The headers are read only where the peer is a trusted proxy, from the right,
 * because each proxy adds its own client there; the first address that is no trusted proxy is the client's. Where all of
 * them are trusted, the leftmost is.
 * @param peer the other end of the connection
 * @returns in the spelling of `canonicalAddress`; the peer's address where the headers tell nothing that can be read, and
 *   undefined where the connection is closed already
 */
export function clientAddressOf(
  peer: string | undefined,
  headers: IncomingHttpHeaders,
  proxies: TrustedProxies,
): string | undefined {
  const direct = peer === undefined ? undefined : canonicalAddress(peer);
  if (direct === undefined || !proxies.trusts(direct)) return direct;
  let client = direct;
  for (const node of nodesOf(headers)?.reverse() ?? []) {
    const address = addressOfNode(node.trim());
    if (address === undefined) return direct;
    client = address;
    if (!proxies.trusts(address)) break;
  }
  return client;
}
