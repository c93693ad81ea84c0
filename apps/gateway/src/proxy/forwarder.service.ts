import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type CatalogUpstream,
  type Endpoint,
  type ModelRequest,
  type Upload,
  uploadedTokens,
} from '../models/index.js';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { Lifecycle } from '../platform/health/index.js';
import { type Demand, rateLimitList } from '../tiers/index.js';
import type { RequestMeter } from '../usage/index.js';
import { readerOf } from './answer.readers.js';
import { type Charge, countedChargeOf, knownChargeOf } from './charge.js';
import { RelayCounter } from './counting/relay.counter.js';
import type { HeaderList } from './hop-by-hop.headers.js';
import { relay } from './relay.js';
import type { RelayResult } from './relay.terms.js';
import { legEndOf } from './relay.verdict.js';
import type { RouteLeg, UpstreamRoute } from './routing/upstream-route.js';
import { UpstreamRouter } from './routing/upstream.router.js';
import { UpstreamClient } from './upstream.client.js';
import type { UpstreamFailure } from './upstream-failure.js';
import { pushUsageHeaders } from './usage.headers.js';
import { bodyForUpstream, headersForUpstream, uploadHeaders, usageWishOf } from './upstream-request.js';

/** What a strict tier leaves to each choice, in tokens. */
function outputCapOf({ demand, reservation }: FastifyRequest): number | undefined {
  const granted = reservation?.outputTokens;
  const choices = demand?.strict?.choices ?? 0;
  return granted === undefined || choices === 0 ? undefined : Math.floor(granted / choices);
}

/** The model's id or alias as the caller wrote it: that of the body, or the path's where the body names none. */
const askedModelOf = ({ params, model }: FastifyRequest, { model: named }: ModelRequest): string | undefined =>
  named ?? (params as { model?: string }).model ?? model?.id;

type Leg = RouteLeg<CatalogUpstream>;

/** A request that the guards have let through, with all that they found. */
interface Admitted {
  request: FastifyRequest;
  reply: FastifyReply;
  endpoint: Endpoint;
  route: UpstreamRoute<CatalogUpstream>;
  modelRequest: ModelRequest;
  /** The body, where it is still to come. */
  upload: Upload | undefined;
  demand: Demand;
  meter: RequestMeter;
  headersOfHead: () => HeaderList;
}

/** Puts an admitted request together with its upstream, and what came of it with the ledger. */
@Injectable()
export class Forwarder {
  constructor(
    private readonly client: UpstreamClient,
    private readonly router: UpstreamRouter,
    private readonly lifecycle: Lifecycle,
    private readonly counter: RelayCounter,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /**
   * Asks one upstream after the other, until one answers or none is left that may be asked.
   * @throws ApiError where the upstreams failed before anything was sent
   */
  async forward(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { endpoint, demand, reservation, model, modelRequest, upload, meter } = request;
    if (!endpoint || !demand || !reservation || !model || !modelRequest || !meter)
      throw new Error('forward() runs after the guards');
    const route = this.router.routeFor(model, endpoint.path);
    const headersOfHead = (): HeaderList => {
      const headers = rateLimitList(reservation.describe(), model.id);
      headers.push('x-request-id', request.id, 'x-upstream-attempts', String(route.attempts));
      // Known before the head is sent only for an answer that was held until it was settled.
      if (meter.charged !== undefined) pushUsageHeaders(headers, meter.charged);
      return headers;
    };
    const admitted = { request, reply, endpoint, route, modelRequest, upload, demand, meter, headersOfHead };
    let leg = route.first();
    if (leg === undefined) {
      // The last upstream became unavailable since UpstreamGuard. The request gives back what it took, as a refused one.
      reservation.release();
      throw this.router.unavailable(model, endpoint.path);
    }
    let failure: UpstreamFailure | undefined;
    while (leg !== undefined) {
      ({ failure } = await this.send(admitted, leg));
      leg = leg.next;
    }
    if (failure !== undefined && failure.gone !== true) {
      void reply.header('x-upstream-attempts', route.attempts);
      throw failure.error.status === 503 ? this.router.unavailable(model, endpoint.path, failure.error) : failure.error;
    }
    // Whoever left while their answer was being counted has been sent nothing either.
    reply.hijack();
  }

  private send(admitted: Admitted, leg: Leg): Promise<RelayResult> {
    const { request, reply, modelRequest, headersOfHead, endpoint, upload, route } = admitted;
    const { upstream } = leg;
    const startedAtMs = Date.now();
    const bytes = request.body as Buffer;
    const text = this.counter.textOf(upstream.model, modelRequest.stream, Number(modelRequest.settings['n'] ?? 1));
    return relay({
      dispatcher: this.client.dispatcherOf(upstream),
      origin: upstream.origin,
      path: `${upstream.basePath}/${endpoint.path}${upstream.query}`,
      headers: upload
        ? uploadHeaders(request.headers, request.id, upstream, upload)
        : headersForUpstream(request.headers, request.id, upstream),
      body: upload
        ? upload.bodyAs(upstream.model)
        : bodyForUpstream(bytes, modelRequest, upstream, endpoint, outputCapOf(request)),
      response: reply.raw,
      headersOfHead: () => {
        leg.answered();
        reply.hijack();
        return headersOfHead();
      },
      reader: readerOf(endpoint, text, askedModelOf(request, modelRequest) ?? upstream.model),
      wish: usageWishOf(modelRequest),
      lifecycle: this.lifecycle,
      firstByteTimeoutMs: upstream.firstByteTimeoutMs,
      idleTimeoutMs: upstream.idleTimeoutMs,
      clientStallMs: this.environment.MAAS_CLIENT_STALL_TIMEOUT,
      settle: result => {
        leg.end(legEndOf(result, startedAtMs));
        if (result.failure?.elsewhere === true && upload?.isReplayable !== false) leg.next = route.retry();
        // Where it goes on, nothing has been sent to the client, and the request is settled where it ends.
        return leg.next === undefined ? this.settle(admitted, bytes, upstream, result) : undefined;
      },
    });
  }

  private settle(
    { endpoint, demand, meter, upload, route }: Admitted,
    bytes: Buffer,
    upstream: CatalogUpstream,
    result: RelayResult,
  ): Promise<void> {
    const close = ({ tokens, usageSource }: Charge): Promise<void> => {
      const { outcome, status, firstByteAt, bytesOut } = result;
      const { attempts } = route;
      return meter.close({ tokens, usageSource, outcome, status, upstream, attempts, firstByteAt, bytesOut });
    };
    // Words about a picture are no count of it.
    const told = endpoint.output === 'media' ? { ...result, text: undefined } : result;
    const known = knownChargeOf(told, endpoint.metered);
    if (known !== undefined) return close(known);
    const estimate = upload ? { ...demand, inputTokens: uploadedTokens(upload.bytes) } : demand;
    const prompt = told.usage === undefined && upload === undefined ? bytes : undefined;
    return this.counter
      .count(upstream.model, prompt, told.text)
      .then(counted => close(countedChargeOf(told, counted, estimate)));
  }
}
