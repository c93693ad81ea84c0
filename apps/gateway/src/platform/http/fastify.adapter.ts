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
import { type ApiError, invalidRequest, unsupportedMediaType } from '../errors/index.js';
import { ApiErrorFilter } from './api-error.filter.js';
import { answerExpectation, answerProtocolError, notATunnel } from './protocol-error.js';
import { requestIdOf } from './request-id.js';
import type { RouteTable } from './route-table.js';
import { discardUnreadBody, hasUnreadBody } from './unread.body.js';

export interface FastifyAdapterOptions {
  logger: FastifyBaseLogger;
  maxBodyBytes: number;
  routes: RouteTable;
}

/** The configuration of a route that reads a form itself, as it comes. */
export const TAKES_FORMS = { takesForms: true };

const takesForms = ({ routeOptions }: FastifyRequest): boolean =>
  (routeOptions.config as Partial<typeof TAKES_FORMS>).takesForms === true;

/**
 * Of a body that is answered before it has come, in units of the largest that is allowed: a client with a body somewhat too
 * large gets rid of it and reads its answer, and what is left of one without measure is not read.
 */
const DISCARDED_BODIES = 2;

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
    bodyLimit: options.maxBodyBytes,
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers['x-request-id']),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // A request must be sent whole within this time; answers may take as long as they take.
    requestTimeout: 300_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: false },
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i,
    { parseAs: 'buffer' },
    (_request, body, done) => {
      done(null, body);
    },
  );
  fastify.addContentTypeParser(/^multipart\/form-data\s*;/i, (request, payload, done) => {
    if (takesForms(request)) done(null, payload);
    else done(unsupportedMediaType());
  });
  fastify.addHook('onRoute', route => options.routes.add(route.method, route.url));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done(refusalOf(request.raw) as FastifyError | undefined);
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    // A form's own reader goes on reading by itself.
    if (hasUnreadBody(request.raw) && !takesForms(request)) {
      // Fastify would have the connection closed at once, and with it what the client has not read.
      reply.removeHeader('connection');
      discardUnreadBody(request.raw, DISCARDED_BODIES * options.maxBodyBytes);
    }
    done();
  });
  fastify.server.on('connect', (_request, socket) => answerProtocolError(notATunnel(), socket as Socket));
  fastify.server.on('checkExpectation', answerExpectation);
  return adapter;
}
