import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import type { Demand } from './demand.js';
import { Quota } from './quota.service.js';
import './quota-request.js';
import { refusalOf } from './refusal.js';
import type { Admission, Reservation } from './reservation.js';

/** The parent promises a promise. A decision that is there at once need not be one, and spares each request its turns. */
const Throttler = ThrottlerGuard as unknown as new (
  ...args: ConstructorParameters<typeof ThrottlerGuard>
) => CanActivate;

/**
 * Holds the caller to the requests of their tier. It takes the one decision over all limits, so that a request which
 * the token quota refuses was never counted as a request; the refusal for tokens is the next guard's to tell.
 */
@Injectable()
export class TierThrottlerGuard extends Throttler {
  constructor(
    // Named, because the parent names other things for these places, and its word is inherited.
    @Inject(Quota) private readonly quota: Quota,
    @Inject(Reflector) reflector: Reflector,
  ) {
    super({ throttlers: [{ name: 'tier', ttl: 0, limit: 0 }] }, quota, reflector);
  }

  /** Asks no decorator of the parent's: the tier alone says what is allowed, and six lookups a request say nothing. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { principal, limits, demand } = request;
    if (principal === undefined || limits === undefined || demand === undefined) {
      throw new Error('TierThrottlerGuard runs after the guards that know the caller and the model');
    }
    const admission = this.quota.admit(principal.subject, limits, demand);
    if (!(admission instanceof Promise)) return this.decide(request, demand, admission);
    return admission.then(decided => this.decide(request, demand, decided));
  }

  private decide(request: FastifyRequest, demand: Demand, admission: Admission): true {
    request.admission = admission;
    if (admission.admitted) this.take(request, demand, admission.reservation);
    if (!admission.admitted && admission.limit.unit === 'requests') throw refusalOf(admission);
    return true;
  }

  private take(request: FastifyRequest, demand: Demand, reservation: Reservation): void {
    const { outputTokens } = reservation;
    request.reservation = reservation;
    if (outputTokens !== undefined && outputTokens < demand.outputTokens) request.demand = { ...demand, outputTokens };
  }
}
