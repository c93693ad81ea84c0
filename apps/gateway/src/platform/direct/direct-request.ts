import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';

/** What guards and handlers may know of a request, whichever way it comes. */
type KnownOfRequests = Pick<FastifyRequest, 'id' | 'headers' | 'method' | 'url' | 'params' | 'body'>;

/** A request that is served directly. Guards leave on it what they found, as they do on Fastify's. */
export class DirectRequest implements KnownOfRequests {
  constructor(
    readonly id: string,
    readonly url: string,
    readonly headers: IncomingHttpHeaders,
    readonly params: Readonly<Record<string, string>>,
    readonly body: Buffer,
  ) {}

  get method(): string {
    return 'POST';
  }
}
