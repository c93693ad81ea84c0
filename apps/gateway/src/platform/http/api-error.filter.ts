import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ApiError,
  errorBodyFor,
  internalError,
  invalidJson,
  invalidRequest,
  methodNotAllowed,
  notFound,
  requestTooLarge,
  unsupportedMediaType,
  uriTooLong,
} from '../errors/index.js';
import { RouteTable } from './route-table.js';

/** Status and code of what Fastify and Nest throw on their own. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status: unknown = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** The one place where an error becomes an answer: every shape that the process can throw ends as the contract's. */
@Catch()
export class ApiErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Errors');

  constructor(private readonly routes: RouteTable) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const known = this.toApiError(error, request);
    if (known.status >= 500) {
      this.logger.error({ requestId: request.id, code: known.code, err: known.cause ?? error }, known.message);
    }
    if (reply.raw.headersSent || reply.raw.destroyed) return;
    void reply
      .status(known.status)
      .headers({ 'x-request-id': request.id, ...known.headers })
      .send(errorBodyFor(request.url, known));
  }

  /** Returns the error for a request that no route takes: 405 if the path has other methods, else 404. */
  unroutedError({ method, url }: FastifyRequest): ApiError {
    const path = url.split('?', 1)[0] ?? '';
    const allowed = this.routes.methodsOf(path);
    return allowed.length > 0 ? methodNotAllowed(allowed.join(', ')) : notFound(`No such path: ${method} ${path}`);
  }

  private toApiError(error: unknown, request: FastifyRequest): ApiError {
    if (error instanceof ApiError) return error;
    switch (statusOf(error)) {
      case 400:
        return error instanceof SyntaxError ? invalidJson() : invalidRequest((error as Error).message);
      case 404:
        return this.unroutedError(request);
      case 413:
        return requestTooLarge();
      case 414:
        return uriTooLong();
      case 415:
        return unsupportedMediaType();
      default:
        return internalError(error);
    }
  }
}
