import { Inject, Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { BodyReader, waitsForContinue } from '../bodies/index.js';
import { ENVIRONMENT, type Environment } from '../config/index.js';
import { requestIdOf } from '../http/index.js';
import { PlainConnections, type PlainHandler, type PlainHead } from '../plain-http/index.js';
import { DirectRequest } from './direct-request.js';
import { DirectRoutes, type FoundRoute } from './direct-routes.service.js';

/** Bodies up to this size are read before any guard runs. */
const SMALL_BODY_BYTES = 64 * 1024;

/**
 * Lets a request of a {@link DirectRoutes direct route} with a JSON body of known and allowed length pass from its
 * connection through the guards to the handler. Every other request goes to Fastify and Nest, where the same controller has
 * the same routes, guards and filter. Fastify and Nest's router take half of what a bare proxy takes, and that is spared
 * here (ADR 0017).
 */
@Injectable()
export class DirectDoor {
  private plain: PlainConnections | undefined;
  private readonly maxSmallBytes: number;

  constructor(
    private readonly routes: DirectRoutes,
    private readonly bodies: BodyReader,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {
    this.maxSmallBytes = Math.min(SMALL_BODY_BYTES, environment.MAAS_MAX_BODY_BYTES);
  }

  /** Stands before whoever listens to the server. Call it when all controllers have been made. */
  standBefore(server: Server): void {
    this.routes.collect();
    if (this.environment.MAAS_PLAIN_HTTP === 'on')
      this.plain = new PlainConnections(server, head => this.handlerOf(head), this.bodies.held);
    const behind = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      // node:http drops the bytes that follow such a request in the same segment. A client that pipelines would wait for ever.
      if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
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
  private handlerOf({ url, headers, bodyBytes }: PlainHead): PlainHandler | undefined {
    if (bodyBytes > this.maxSmallBytes) return undefined;
    // The headers of CORS are added to the answers of node:http alone.
    if (headers.origin !== undefined && !this.environment.MAAS_CORS_ORIGINS.none) return undefined;
    const found = this.find(url, headers);
    return found && ((body, answer) => found.route.run(requestOf(url, headers, found, body), answer));
  }

  /** A request that node:http has read. @returns whether it is served here */
  private take(raw: IncomingMessage, response: ServerResponse): boolean {
    const { headers, url = '' } = raw;
    if (raw.method !== 'POST' || headers.host === undefined || headers['content-encoding'] !== undefined) return false;
    const found = this.find(url, headers);
    if (found === undefined) return false;
    const request = requestOf(url, headers, found, undefined, raw);
    // A guard reads a long body, or one that the client holds back, after those guards that need the head alone.
    const isSmall = Number(headers['content-length']) <= this.maxSmallBytes;
    if (!isSmall || waitsForContinue(raw)) found.route.run(request, response);
    else this.receive(raw, request, response, found);
    return true;
  }

  /** Reads a small body before the guards run, which then need not wait for it. */
  private receive(raw: IncomingMessage, request: DirectRequest, response: ServerResponse, { route }: FoundRoute): void {
    this.bodies.read(raw, this.maxSmallBytes).then(
      body => {
        response.once('close', () => body.release());
        request.body = body.bytes;
        route.run(request, response);
      },
      (error: unknown) => route.refuse(error, request, response),
    );
  }

  private find(url: string, headers: IncomingHttpHeaders): FoundRoute | undefined {
    if (headers['content-type'] !== 'application/json') return undefined;
    // Without a length, as in chunks, this is no number, and no comparison holds.
    return Number(headers['content-length']) > 0 ? this.routes.find(url) : undefined;
  }
}

const requestOf = (
  url: string,
  headers: IncomingHttpHeaders,
  { params }: FoundRoute,
  body: Buffer | undefined,
  raw?: IncomingMessage,
): DirectRequest => new DirectRequest(requestIdOf(headers['x-request-id']), url, headers, params, body, raw);
