import { type ArgumentsHost, Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../platform/errors/index.js';
import { ApiErrorFilter, RouteTable } from '../platform/http/index.js';
import { type LimitState, paramOf, Quota, rateLimitHeaders } from '../tiers/index.js';
import { Refusals } from '../usage/index.js';

/** Answers errors of the data plane: with the caller's limits beside them, refusals counted, and no entry left open. */
@Catch()
export class DataPlaneErrorFilter extends ApiErrorFilter {
  constructor(
    routes: RouteTable,
    private readonly quota: Quota,
    private readonly refusals: Refusals,
  ) {
    super(routes);
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // Whoever was admitted and sent nothing ends here; what was served is told already.
    const ended = request.meter?.fail(error);
    this.count(error, request);
    const states = this.statesOf(request);
    if (ended === undefined && !(states instanceof Promise)) return this.answerWith(states, error, request, reply);
    Promise.all([states, ended])
      .then(([told]) => this.answerWith(told, error, request, reply))
      .catch((cause: unknown) => this.answer(cause, request, reply));
  }

  /** As far as the request came; `undefined` where nobody knows who asks. */
  private statesOf({ principal, limits, reservation, admission }: FastifyRequest) {
    if (principal === undefined || limits === undefined) return undefined;
    if (reservation !== undefined) return reservation.describe();
    return admission?.admitted === false ? admission.states : this.quota.describe(principal.subject, limits);
  }

  private answerWith(
    states: LimitState[] | undefined,
    error: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const modelId = request.demand?.modelId ?? request.model?.id ?? '';
    if (states !== undefined && !reply.raw.headersSent) void reply.headers(rateLimitHeaders(states, modelId));
    this.answer(error, request, reply);
  }

  private count(error: unknown, { principal, tier, model, admission }: FastifyRequest): void {
    if (!(error instanceof ApiError) || principal === undefined) return;
    if (error.status === 429 && admission !== undefined && !admission.admitted) {
      this.refusals.count(principal.subject, tier?.name ?? '', model?.id ?? '', paramOf(admission.limit.unit));
    } else if (error.status === 403) {
      this.refusals.count(principal.subject, tier?.name ?? '', model?.id ?? '', 'access');
    }
  }
}
