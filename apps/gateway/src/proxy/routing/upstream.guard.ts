import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { UpstreamRouter } from './upstream.router.js';

/**
 * Refuses a request to a model without a healthy upstream. It runs before the guards that count the request, because a
 * refused request uses nothing up.
 */
@Injectable()
export class UpstreamGuard implements CanActivate {
  constructor(private readonly router: UpstreamRouter) {}

  /** @throws ApiError 503 with the time until an upstream may be available */
  canActivate(context: ExecutionContext): boolean {
    const { model, endpoint } = context.switchToHttp().getRequest<FastifyRequest>();
    if (model === undefined || endpoint === undefined)
      throw new Error('UpstreamGuard runs after the guards that know the model and the endpoint');
    this.router.requireAvailable(model, endpoint.path);
    return true;
  }
}
