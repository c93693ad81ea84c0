import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import './quota-request.js';
import { refusalOf } from './refusal.js';

/** Tells the refusals of every unit but requests: tokens, budgets and concurrency. */
@Injectable()
export class TokenQuotaGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { admission } = context.switchToHttp().getRequest<FastifyRequest>();
    if (admission === undefined) throw new Error('TokenQuotaGuard runs after TierThrottlerGuard');
    if (!admission.admitted) throw refusalOf(admission);
    return true;
  }
}
