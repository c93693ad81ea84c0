import { Inject, Injectable } from '@nestjs/common';
import { lookup, promises } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { invalidRequest } from '../platform/errors/index.js';
import { isForbiddenAddress, isForbiddenHost } from './forbidden-address.js';

/** How long an administrator's call waits for a name's addresses. */
const RESOLVE_MS = 2000;

/** Which addresses upstreams may have: everything but link-local ones and metadata services, unless they are allowed. */
@Injectable()
export class UpstreamAddresses {
  private readonly allowAll: boolean;

  constructor(@Inject(ENVIRONMENT) environment: Environment) {
    this.allowAll = environment.MAAS_ALLOW_LINK_LOCAL_UPSTREAMS;
  }

  /** Whether the URL itself names an address that is allowed; what its name resolves to is another question. */
  permits(url: URL): boolean {
    return this.allowAll || !isForbiddenHost(url.hostname);
  }

  /**
   * Holds an upstream's URL against what it names and what that resolves to now. A name that does not resolve may do so
   * later, when `lookup` looks again.
   * @throws ApiError 400 naming the field
   */
  async check(text: string, param: string): Promise<void> {
    const url = new URL(text);
    // The bundled simulator has no address to hold against anything.
    if (this.allowAll || url.hostname === '') return;
    if (isForbiddenHost(url.hostname) || (await resolvesToForbidden(url.hostname)))
      throw invalidRequest(`${param}: leads to a link-local or metadata address`, param);
  }

  /** Resolves a name for a connection that is being made, and fails where the name leads to what is not allowed. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, options, (error, address: unknown, family) => {
      const found = address as Parameters<typeof callback>[1];
      if (error === null && !this.allowAll && addressesOf(found).some(isForbiddenAddress))
        callback(new Error(`${hostname} leads to a link-local or metadata address`), found, family);
      else callback(error, found, family);
    });
  };
}

const addressesOf = (found: Parameters<Parameters<LookupFunction>[2]>[1]): string[] =>
  typeof found === 'string' ? [found] : found.map(({ address }) => address);

async function resolvesToForbidden(hostname: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<[]>(resolve => {
    timer = setTimeout(resolve, RESOLVE_MS, []);
  });
  // A name that is unknown, or a resolver that is down, is no reason to refuse: the connection is checked anyway.
  const found = promises.lookup(hostname.replace(/^\[(.*)\]$/, '$1'), { all: true }).catch(() => []);
  try {
    return (await Promise.race([found, tooLate])).some(({ address }) => isForbiddenAddress(address));
  } finally {
    clearTimeout(timer);
  }
}
