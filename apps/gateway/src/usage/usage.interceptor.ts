import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, tap } from 'rxjs';
import { v7 as uuidv7 } from 'uuid';
import '../auth/index.js';
import '../models/index.js';
import { ApiError, internalError, upstreamUnavailable } from '../platform/errors/index.js';
import type { Outcome } from './ledger/ledger-entry.js';
import { LedgerWriter } from './ledger/ledger.writer.js';
import { type Admission, RequestMeter } from './request-meter.js';
import { zeroTokens } from './token-usage.js';

function admissionOf(request: FastifyRequest): Admission {
  const { principal, credential, tier, model, id } = request;
  if (principal === undefined || tier === undefined || model === undefined)
    throw internalError('a guard of the data plane is missing');
  if (credential?.id == null || credential.type === 'identity')
    throw internalError('a credential of the data plane has an id');
  return {
    // A caller's id may come twice, and the second entry would be taken for the first one sent again.
    id: request.headers['x-request-id'] === id ? uuidv7() : id,
    requestId: id,
    subject: principal.subject,
    tier: tier.name,
    credential: { type: credential.type, id: credential.id },
    model: model.id,
    endpoint: request.url.split('?', 1)[0]?.split('/v1/', 2)[1] ?? '',
    prices: model.prices,
  };
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof ApiError) || error.status === 500) return 'interrupted';
  return error.status === 504 ? 'timed_out' : 'upstream_failed';
}

/** Opens the meter of an admitted request, and sees to it that none stays open, whatever the handler does. */
@Injectable()
export class UsageInterceptor implements NestInterceptor {
  constructor(private readonly ledger: LedgerWriter) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // HEAD tells the limits and consumes nothing.
    if (request.method === 'HEAD') return next.handle();
    if (this.ledger.full) {
      request.reservation?.settle({ inputTokens: 0, outputTokens: 0, costMicros: 0 });
      throw upstreamUnavailable('Usage cannot be recorded at the moment');
    }
    const meter = new RequestMeter(admissionOf(request), this.ledger, request.reservation);
    request.meter = meter;
    const end = (outcome: Outcome, status: number) => this.close(meter, request, outcome, status);
    return next.handle().pipe(
      tap({
        error: (error: unknown) => end(outcomeOf(error), error instanceof ApiError ? error.status : 500),
        complete: () => end('interrupted', http.getResponse<FastifyReply>().statusCode),
      }),
    );
  }

  /** What the handler has closed itself stays as it is. */
  private close(meter: RequestMeter, request: FastifyRequest, outcome: Outcome, status: number): void {
    if (meter.closed) return;
    meter.close({
      outcome,
      status,
      upstreamId: null,
      firstByteAt: null,
      bytesIn: Buffer.isBuffer(request.body) ? request.body.length : 0,
      bytesOut: 0,
      streamed: false,
      tokens: zeroTokens,
      usageSource: 'none',
    });
  }
}
