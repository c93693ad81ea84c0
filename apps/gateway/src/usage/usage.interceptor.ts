import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, tap } from 'rxjs';
import { v7 as uuidv7 } from 'uuid';
import '../auth/index.js';
import '../models/index.js';
import { ApiError, internalError, upstreamUnavailable } from '../platform/errors/index.js';
import type { Demand } from '../tiers/index.js';
import { costMicros, type Prices } from './cost.js';
import type { Closing, OpenedEntry, Outcome } from './ledger/ledger-entry.js';
import { LedgerWriter } from './ledger/ledger.writer.js';
import { RequestMeter } from './request-meter.js';
import { soundTokens, zeroTokens } from './token-usage.js';

function openedOf(request: FastifyRequest): OpenedEntry {
  const { principal, credential, tier, endpoint, model, modelRequest, demand, id } = request;
  if (!principal || !tier || !endpoint || !model || !modelRequest || !demand)
    throw internalError('a guard of the data plane is missing');
  if (credential?.id == null || credential.type === 'identity')
    throw internalError('a credential of the data plane has an id');
  return {
    // A caller's id may come twice, and the second entry would be taken for the first one sent again.
    id: request.headers['x-request-id'] === id ? uuidv7() : id,
    requestId: id,
    startedAt: new Date(),
    subject: principal.subject,
    tier: tier.name,
    credential: { type: credential.type, id: credential.id },
    model: model.id,
    endpoint: endpoint.path,
    streamed: modelRequest.stream,
    bytesIn: request.upload?.declaredBytes ?? (Buffer.isBuffer(request.body) ? request.body.length : 0),
    estimate: estimateOf(demand, request.reservation?.outputTokens, model.prices),
  };
}

/** What the ledger can hold of the most that the request may come to. @param granted output, where that was lowered */
function estimateOf(demand: Demand, granted: number | undefined, prices: Prices | null): OpenedEntry['estimate'] {
  const outputTokens = Math.min(demand.outputTokens, granted ?? demand.outputTokens);
  const tokens = soundTokens({ ...zeroTokens, inputTokens: demand.inputTokens, outputTokens });
  return {
    inputTokens: tokens.inputTokens,
    outputTokens: tokens.outputTokens,
    costMicros: costMicros(tokens, prices),
  };
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof ApiError) || error.status === 500) return 'interrupted';
  return error.status === 504 ? 'timed_out' : 'upstream_failed';
}

/** Opens the entry of an admitted request, and sees to it that none stays open, whatever the handler does. */
@Injectable()
export class UsageInterceptor implements NestInterceptor {
  constructor(private readonly ledger: LedgerWriter) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // HEAD tells the limits and consumes nothing.
    if (request.method === 'HEAD') return next.handle();
    const opened = openedOf(request);
    const record = this.ledger.open(opened);
    if (record === undefined) {
      request.reservation?.release();
      throw upstreamUnavailable('Usage cannot be recorded at the moment');
    }
    const enter = (closing: Closing) => this.ledger.close(record, closing);
    const meter = new RequestMeter(opened, request.model?.prices ?? null, enter, request.reservation);
    request.meter = meter;
    const end = (outcome: Outcome, status: number) => this.close(meter, outcome, status);
    return next.handle().pipe(
      tap({
        error: (error: unknown) => end(outcomeOf(error), error instanceof ApiError ? error.status : 500),
        complete: () => end('interrupted', http.getResponse<FastifyReply>().statusCode),
      }),
    );
  }

  /** What the handler has closed itself stays as it is. */
  private close(meter: RequestMeter, outcome: Outcome, status: number): void {
    if (meter.closed) return;
    meter.close({
      outcome,
      status,
      upstreamId: null,
      firstByteAt: null,
      bytesOut: 0,
      tokens: zeroTokens,
      usageSource: 'none',
    });
  }
}
