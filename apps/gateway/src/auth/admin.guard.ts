import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accessDenied } from '../platform/errors/index.js';
import { CallerGuard } from './caller.guard.js';

/** Lets administrators in: members of a group of MAAS_ADMIN_GROUPS. */
@Injectable()
export class AdminGuard extends CallerGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!principal?.groups.some(group => this.environment.MAAS_ADMIN_GROUPS.includes(group))) {
      throw accessDenied('This needs an administrator');
    }
    return true;
  }
}
