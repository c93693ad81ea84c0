import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type FastifyBaseLogger,
  type FastifyError,
  LogController,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type BodyReader, deferContinue, hasUnreadBody, leaveUnreadBody } from '../bodies/index.js';
import { type ApiError, invalidRequest, unsupportedMediaType } from '../errors/index.js';
import { ApiErrorFilter } from './api-error.filter.js';
import { dataPlaneUrl } from './data-plane.path.js';
import { answerExpectation, answerProtocolError, notATunnel } from './protocol-error.js';
import { requestIdOf } from './request-id.js';
import type { RouteTable } from './route-table.js';

export interface FastifyAdapterOptions {
  logger: FastifyBaseLogger;
  /** Largest body of the control plane, in bytes. */
  maxBodyBytes: number;
  bodies: BodyReader;
  routes: RouteTable;
}

/** Which bodies the guards of a route read themselves, after those guards that need only the head. */
export type OwnBody = 'json' | 'form';

interface RouteConfiguration {
  ownBody?: OwnBody;
}

/** The configuration of a route whose guards read the body themselves. */
export const readsOwnBody = (ownBody: OwnBody): RouteConfiguration => ({ ownBody });

const ownBodyOf = ({ routeOptions }: FastifyRequest): OwnBody | undefined =>
  (routeOptions.config as RouteConfiguration).ownBody;

/** What no request may be, whatever it asks for. */
function refusalOf({ url, headers, httpVersionMinor }: IncomingMessage): ApiError | undefined {
  // Some take an absolute URL for the path after its host, and some for what another host is to be asked.
  if (url?.startsWith('/') !== true) return invalidRequest('The request target must be a path');
  if (headers.host === undefined && httpVersionMinor > 0) return invalidRequest('A Host header is required');
  const encoding = headers['content-encoding'];
  // What was checked must be what an upstream reads, and nobody here decodes.
  return encoding === undefined || encoding.toLowerCase() === 'identity'
    ? undefined
    : unsupportedMediaType('An encoded body is not supported; send it as it is');
}

/**
 * The HTTP adapter. Bodies stay bytes here: the data plane sends them on as they came, and nobody parses what a guard
 * is about to refuse.
 */
export function createFastifyAdapter(options: FastifyAdapterOptions): FastifyAdapter {
  const errors = new ApiErrorFilter(options.routes);
  const adapter = new FastifyAdapter({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger of its own costs each request more than a guard does; what is logged of one names its id itself.
    childLoggerFactory: (logger: FastifyBaseLogger) => logger,
    // What fails before there is a route: a malformed URL, and what is no HTTP at all.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      errors.answer(error, request, reply),
    clientErrorHandler: answerProtocolError,
    // Whoever names no host is told so below, in the shape of all errors.
    http: { requireHostHeader: false },
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers['x-request-id']),
    requestIdHeader: false,
    rewriteUrl: ({ url = '' }) => dataPlaneUrl(url),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // A request must be sent whole within this time; answers may take as long as they take.
    requestTimeout: 300_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: false },
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i, (request, payload, done) => {
    if (ownBodyOf(request) === 'json') return done(null, payload);
    options.bodies.read(request.raw, options.maxBodyBytes).then(
      body => {
        // It becomes objects in this turn, and is answered soon after.
        body.release();
        done(null, body.bytes);
      },
      (error: unknown) => done(error as Error),
    );
  });
  fastify.addContentTypeParser(/^multipart\/form-data\s*;/i, (request, payload, done) => {
    if (ownBodyOf(request) === 'form') done(null, payload);
    else done(unsupportedMediaType());
  });
  fastify.addHook('onRoute', route => options.routes.add(route.method, route.url));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done(refusalOf(request.raw) as FastifyError | undefined);
  });
  // Fastify reads the body before it calls its handler for unknown routes. It would answer 400 or 415 for the body of a
  // request whose method or path does not exist.
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.is404) done(errors.unroutedError(request) as Error as FastifyError);
    else done(null, payload);
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    // A form's own reader goes on reading by itself.
    if (ownBodyOf(request) !== 'form' && hasUnreadBody(request.raw)) {
      // Fastify would close the connection at once, and the client would lose what it has not read yet.
      reply.removeHeader('connection');
      leaveUnreadBody(request.raw);
    }
    done();
  });
  deferContinue(fastify.server);
  fastify.server.on('connect', (_request, socket) => answerProtocolError(notATunnel(), socket as Socket));
  fastify.server.on('checkExpectation', answerExpectation);
  return adapter;
}
