import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { upstreamUnavailable } from '../platform/errors/index.js';
import { Lifecycle } from '../platform/health/index.js';
import { Quota, rateLimitHeaders } from '../tiers/index.js';
import type { Measured } from '../usage/index.js';
import { readerOf } from './answer.readers.js';
import { countedChargeOf, knownChargeOf } from './charge.js';
import { RelayCounter } from './counting/relay.counter.js';
import { relay, type RelayResult } from './relay.js';
import { UpstreamClient } from './upstream.client.js';
import { bodyForUpstream, headersForUpstream, usageWishOf } from './upstream-request.js';

/** What a strict tier leaves to each choice, in tokens. */
function outputCapOf({ demand, reservation }: FastifyRequest): number | undefined {
  const granted = reservation?.outputTokens;
  const choices = demand?.strict?.choices ?? 0;
  return granted === undefined || choices === 0 ? undefined : Math.floor(granted / choices);
}

/** Puts an admitted request together with its upstream, and what came of it with the ledger. */
@Injectable()
export class Forwarder {
  constructor(
    private readonly client: UpstreamClient,
    private readonly quota: Quota,
    private readonly lifecycle: Lifecycle,
    private readonly counter: RelayCounter,
  ) {}

  /**
   * @param endpoint the path after the upstream's base URL
   * @throws ApiError where the upstream failed before anything was sent
   */
  async forward(request: FastifyRequest, reply: FastifyReply, endpoint: string): Promise<void> {
    const { principal, limits, demand, model, modelRequest, meter } = request;
    if (!principal || !limits || !demand || !model || !modelRequest || !meter)
      throw new Error('forward() runs after the guards');
    const upstream = model.upstreams[0];
    if (upstream === undefined) throw upstreamUnavailable(`The model '${model.id}' has no server`);
    const bytes = request.body as Buffer;
    const close = (result: RelayResult, charge: Pick<Measured, 'tokens' | 'usageSource'>): void =>
      meter.close({
        ...charge,
        outcome: result.outcome,
        status: result.status,
        upstreamId: upstream.id,
        firstByteAt: result.firstByteAt,
        bytesOut: result.bytesOut,
      });
    const settle = (result: RelayResult): Promise<void> | undefined => {
      const known = knownChargeOf(result);
      if (known !== undefined) {
        close(result, known);
        return undefined;
      }
      const prompt = result.usage === undefined ? bytes : undefined;
      return this.counter
        .count(upstream.model, prompt, result.text)
        .then(counted => close(result, countedChargeOf(result, counted, demand)));
    };
    const text = this.counter.textOf(upstream.model, modelRequest.stream, Number(modelRequest.body['n'] ?? 1));
    const running = relay({
      dispatcher: this.client.dispatcherOf(upstream),
      origin: upstream.origin,
      path: `${upstream.basePath}/${endpoint}${upstream.query}`,
      headers: headersForUpstream(request.headers, request.id, upstream),
      body: bodyForUpstream(bytes, modelRequest, upstream, endpoint, outputCapOf(request)),
      response: reply.raw,
      headersOfHead: () => {
        reply.hijack();
        return {
          'x-request-id': request.id,
          ...rateLimitHeaders(this.quota.describe(principal.subject, limits), model.id),
        };
      },
      reader: readerOf(endpoint, text),
      wish: usageWishOf(modelRequest),
      cut: this.lifecycle.cutSignal,
      firstByteTimeoutMs: upstream.firstByteTimeoutMs,
      idleTimeoutMs: upstream.idleTimeoutMs,
      settle,
    });
    this.lifecycle.track(running);
    const { failure } = await running;
    if (failure !== undefined && failure.outcome !== 'client_aborted') throw failure.error;
    // Whoever left while their answer was being counted has been sent nothing either.
    reply.hijack();
  }
}
