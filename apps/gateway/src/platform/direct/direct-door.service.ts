import { Inject, Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { ENVIRONMENT, type Environment } from '../config/index.js';
import { requestIdOf } from '../http/index.js';
import { PlainConnections, type PlainHandler, type PlainHead } from '../plain-http/index.js';
import { DirectRequest } from './direct-request.js';
import { DirectRoutes, type FoundRoute } from './direct-routes.service.js';

/**
 * Lets a request of a {@link DirectRoutes direct route} with a JSON body of known and allowed length pass from its
 * connection through the guards to the handler. Every other request goes to Fastify and Nest, where the same controller has
 * the same routes, guards and filter. Fastify and Nest's router take half of what a bare proxy takes, and that is spared
 * here (ADR 0017).
 */
@Injectable()
export class DirectDoor {
  private plain: PlainConnections | undefined;

  constructor(
    private readonly routes: DirectRoutes,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Stands before whoever listens to the server. Call it when all controllers have been made. */
  standBefore(server: Server): void {
    this.routes.collect();
    this.plain = new PlainConnections(server, head => this.handlerOf(head));
    const behind = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      if (this.take(request, response)) return;
      for (const listener of behind) listener.call(server, request, response);
    });
  }

  /** Connections go: those that wait for a request at once, the others with their answer. */
  close(): void {
    this.plain?.close();
  }

  /** What is left of connections goes too. */
  destroy(): void {
    this.plain?.destroy();
  }

  /** What comes plainly. */
  private handlerOf({ url, headers }: PlainHead): PlainHandler | undefined {
    // The headers of CORS are added to the answers of node:http alone.
    if (headers.origin !== undefined && !this.environment.MAAS_CORS_ORIGINS.none) return undefined;
    const found = this.find(url, headers);
    return found && ((body, answer) => found.route.run(requestOf(url, headers, found, body), answer));
  }

  /** What has come by node:http. @returns whether the request is served here */
  private take(raw: IncomingMessage, response: ServerResponse): boolean {
    const { headers, url = '' } = raw;
    if (raw.method !== 'POST' || headers.host === undefined || headers['content-encoding'] !== undefined) return false;
    const found = this.find(url, headers);
    if (found === undefined) return false;
    receive(raw, body => found.route.run(requestOf(url, headers, found, body), response));
    return true;
  }

  private find(url: string, headers: IncomingHttpHeaders): FoundRoute | undefined {
    if (headers['content-type'] !== 'application/json') return undefined;
    // Without a length, as in chunks, this is no number, and no comparison holds.
    const length = Number(headers['content-length']);
    return length > 0 && length <= this.environment.MAAS_MAX_BODY_BYTES ? this.routes.find(url) : undefined;
  }
}

const requestOf = (url: string, headers: IncomingHttpHeaders, { params }: FoundRoute, body: Buffer): DirectRequest =>
  new DirectRequest(requestIdOf(headers['x-request-id']), url, headers, params, body);

/**
 * Node sees to it that a body is as long as was announced. One that breaks off has no end: its client has left, and has
 * asked for nothing.
 */
function receive(raw: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  raw.on('data', (chunk: Buffer) => chunks.push(chunk));
  raw.on('end', () => {
    const [only] = chunks;
    then(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  });
}
