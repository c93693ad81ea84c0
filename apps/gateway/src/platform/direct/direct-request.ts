import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What guards and handlers may know of a request, whichever way it comes. */
type KnownOfRequests = Pick<FastifyRequest, 'id' | 'headers' | 'method' | 'url' | 'params' | 'body'>;

/** A request that is served directly. Guards leave on it what they found, as they do on Fastify's. */
export class DirectRequest implements KnownOfRequests {
  /**
   * @param body `undefined` where it is still to be read
   * @param raw where the body is read from then
   */
  constructor(
    readonly id: string,
    readonly url: string,
    readonly headers: IncomingHttpHeaders,
    readonly params: Readonly<Record<string, string>>,
    public body: Buffer | undefined,
    readonly raw?: IncomingMessage,
  ) {}

  get method(): string {
    return 'POST';
  }
}
