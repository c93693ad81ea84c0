import type { FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';

/** What guards and handlers may know of a request, whichever way it comes. */
type KnownOfRequests = Pick<FastifyRequest, 'id' | 'raw' | 'headers' | 'method' | 'url' | 'params' | 'body'>;

/** A request that is served directly. Guards leave on it what they found, as they do on Fastify's. */
export class DirectRequest implements KnownOfRequests {
  readonly headers: IncomingMessage['headers'];

  constructor(
    readonly id: string,
    readonly raw: IncomingMessage,
    readonly url: string,
    readonly params: Readonly<Record<string, string>>,
    readonly body: Buffer,
  ) {
    this.headers = raw.headers;
  }

  get method(): string {
    return 'POST';
  }
}
