import { type ArgumentsHost, Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../platform/errors/index.js';
import { ApiErrorFilter, RouteTable } from '../platform/http/index.js';
import { paramOf, Quota, rateLimitHeaders } from '../tiers/index.js';
import { Refusals } from '../usage/index.js';

/** Answers errors of the data plane: with the caller's limits beside them, and refusals counted. */
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
    const { principal, limits, demand } = request;
    if (principal !== undefined && limits !== undefined && !reply.raw.headersSent) {
      void reply.headers(
        rateLimitHeaders(this.quota.describe(principal.subject, limits), demand?.modelId ?? request.model?.id ?? ''),
      );
    }
    this.count(error, request);
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
