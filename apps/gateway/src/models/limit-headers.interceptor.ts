import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Quota, rateLimitHeaders } from '../tiers/index.js';
import './model-access.guard.js';

/** Tells what is left of the caller's limits on answers that use none of them up. It runs after ModelAccessGuard. */
@Injectable()
export class LimitHeadersInterceptor implements NestInterceptor {
  constructor(private readonly quota: Quota) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const { principal, limits, model } = http.getRequest<FastifyRequest>();
    if (principal !== undefined && limits !== undefined) {
      const states = await this.quota.describe(principal.subject, limits);
      http.getResponse<FastifyReply>().headers(rateLimitHeaders(states, model?.id ?? ''));
    }
    return next.handle();
  }
}
