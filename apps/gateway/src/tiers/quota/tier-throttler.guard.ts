import { Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Demand } from './demand.js';
import { Quota } from './quota.service.js';
import './quota-request.js';
import { rateLimitHeaders } from './rate-limit.headers.js';
import { refusalOf } from './refusal.js';
import type { Admission, Reservation } from './reservation.js';
import type { LimitState } from './tier-limit.js';

/** What is left, whichever way it was decided. */
const statesOf = (admission: Admission): LimitState[] =>
  admission.admitted ? admission.reservation.describe() : admission.states;

/**
 * Holds the caller to the requests of their tier. It takes the one decision over all limits, so that a request which
 * the token quota refuses was never counted as a request; the refusal for tokens is the next guard's to tell.
 */
@Injectable()
export class TierThrottlerGuard extends ThrottlerGuard {
  constructor(
    // Named, because the parent names other things for these places, and its word is inherited.
    @Inject(Quota) private readonly quota: Quota,
    @Inject(Reflector) reflector: Reflector,
  ) {
    super({ throttlers: [{ name: 'tier', ttl: 0, limit: 0 }] }, quota, reflector);
  }

  protected override handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { principal, limits, demand } = request;
    if (principal === undefined || limits === undefined || demand === undefined) {
      throw new Error('TierThrottlerGuard runs after the guards that know the caller and the model');
    }
    const admission = this.quota.admit(principal.subject, limits, demand);
    if (!(admission instanceof Promise)) return this.decide(request, reply, demand, admission);
    return admission.then(decided => this.decide(request, reply, demand, decided));
  }

  private decide(request: FastifyRequest, reply: FastifyReply, demand: Demand, admission: Admission): Promise<boolean> {
    request.admission = admission;
    if (admission.admitted) this.take(request, demand, admission.reservation);
    void reply.headers(rateLimitHeaders(statesOf(admission), demand.modelId));
    if (!admission.admitted && admission.limit.unit === 'requests') throw refusalOf(admission);
    return Promise.resolve(true);
  }

  private take(request: FastifyRequest, demand: Demand, reservation: Reservation): void {
    const { outputTokens } = reservation;
    request.reservation = reservation;
    if (outputTokens !== undefined && outputTokens < demand.outputTokens) request.demand = { ...demand, outputTokens };
  }
}
