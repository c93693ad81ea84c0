import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Demand } from './demand.js';
import { Quota } from './quota.service.js';
import './quota-request.js';
import { refusalOf } from './refusal.js';
import type { Admission, Reservation } from './reservation.js';

/**
 * Admits a request within the limits of the caller's tier, or refuses it where a limit on requests is used up. It takes the one
 * decision over all limits, so that a request which the token quota refuses is not counted as a request; the refusals of all
 * other units are left to {@link TokenQuotaGuard}.
 */
@Injectable()
export class TierThrottlerGuard implements CanActivate {
  constructor(private readonly quota: Quota) {}

  /** Synchronous where limits are counted in process: a promise would cost each request turns of the event loop. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
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
