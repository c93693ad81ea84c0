import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import '../auth/index.js';
import '../models/index.js';
import { internalError, upstreamUnavailable } from '../platform/errors/index.js';
import { uuidV7 } from '../platform/identifiers/index.js';
import type { Demand } from '../tiers/index.js';
import { costMicros, type Prices } from './cost.js';
import type { Closing, OpenedEntry } from './ledger/ledger-entry.js';
import type { OpenRecord } from './ledger/journal.group.js';
import { LedgerWriter } from './ledger/ledger.writer.js';
import { RequestMeter } from './request-meter.js';
import { soundTokens } from './token-usage.js';

function openedOf(request: FastifyRequest): OpenedEntry {
  const { principal, credential, tier, endpoint, model, modelRequest, demand, id } = request;
  if (!principal || !tier || !endpoint || !model || !modelRequest || !demand)
    throw internalError('a guard of the data plane is missing');
  if (credential?.id == null || credential.type === 'identity')
    throw internalError('a credential of the data plane has an id');
  return {
    // A caller's id may come twice, and the second entry would be taken for the first one sent again.
    id: request.headers['x-request-id'] === id ? uuidV7() : id,
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
  const { inputTokens } = demand;
  const tokens = soundTokens({ inputTokens, cachedInputTokens: 0, outputTokens, reasoningTokens: 0 });
  return {
    inputTokens: tokens.inputTokens,
    outputTokens: tokens.outputTokens,
    costMicros: costMicros(tokens, prices),
  };
}

/**
 * Opens the ledger entry of an admitted request, and refuses what cannot be written down. It is the last guard: whoever
 * ends the request from here on ends the entry, the forwarder with what was served, the error filter with nothing.
 */
@Injectable()
export class LedgerGuard implements CanActivate {
  constructor(private readonly ledger: LedgerWriter) {}

  canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const opened = openedOf(request);
    return this.ledger.open(opened).then(record => this.admit(request, opened, record));
  }

  private admit(request: FastifyRequest, opened: OpenedEntry, record: OpenRecord | undefined): true {
    if (record === undefined) {
      request.reservation?.release();
      throw upstreamUnavailable('Usage cannot be recorded at the moment');
    }
    const enter = (closing: Closing): Promise<void> => this.ledger.close(record, closing);
    request.meter = new RequestMeter(opened, request.model?.prices ?? null, enter, request.reservation);
    return true;
  }
}
