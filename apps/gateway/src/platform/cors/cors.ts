import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { requestIdOf } from '../http/index.js';
import { type GivenHeaders, preflightHeaders, withCors } from './cors-headers.js';
import type { CorsOrigins } from './cors-origins.js';

/** Adds the headers of CORS to whatever answers the request, at the moment at which its head is written. */
function mark({ headers }: IncomingMessage, response: ServerResponse, origins: CorsOrigins): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status: number, reason?: string | GivenHeaders, given?: GivenHeaders): ServerResponse => {
    const own = typeof reason === 'object' ? reason : (given ?? {});
    const vary = response.getHeader('vary');
    const all = withCors(own, vary === undefined ? [] : [String(vary)], origins.allow(headers.origin));
    return typeof reason === 'string' ? writeHead(status, reason, all) : writeHead(status, all);
  };
}

/** @returns whether the request was a preflight of an allowed origin, and has been answered */
function answerPreflight(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  origins: CorsOrigins,
): boolean {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
  const origin = origins.allow(headers.origin);
  if (origin === undefined) return false;
  const own = preflightHeaders(origin, headers['access-control-request-headers']);
  response.writeHead(204, [...own, 'x-request-id', requestIdOf(headers['x-request-id'])]).end();
  return true;
}

/**
 * Lets pages of the allowed origins call the server: answers their preflight requests, and marks all other answers. Where no
 * origin is allowed, it does nothing. Call it when all others who listen for requests have been added.
 */
export function serveCors(server: Server, origins: CorsOrigins): void {
  if (origins.none) return;
  for (const event of ['request', 'checkExpectation'] as const) {
    const behind = server.listeners(event) as RequestListener[];
    server.removeAllListeners(event);
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      if (answerPreflight(request, response, origins)) return;
      mark(request, response, origins);
      for (const listener of behind) listener.call(server, request, response);
    });
  }
}
