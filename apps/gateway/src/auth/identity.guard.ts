import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accessDenied } from '../platform/errors/index.js';
import { CallerGuard } from './caller.guard.js';

/** Lets identity tokens in alone: a leaked access token must not issue others. */
@Injectable()
export class IdentityGuard extends CallerGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    if (context.switchToHttp().getRequest<FastifyRequest>().credential?.type !== 'identity') {
      throw accessDenied('An access token cannot issue tokens; identify yourself with an identity token');
    }
    return true;
  }
}
