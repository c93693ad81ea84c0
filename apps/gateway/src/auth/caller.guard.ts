import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { ApiError, invalidCredential } from '../platform/errors/index.js';
import { AccessTokenGuard, refuseBlocked } from './access-token.guard.js';
import { requireBearerToken } from './bearer-token.js';
import { IdentityProvider } from './identity-provider.js';
import { Principals } from './principals.service.js';
import { CredentialFailureGuard } from './throttling/index.js';
import { issuerOf } from './token-segments.js';

const REFUSED_CREDENTIAL = 401;

/**
 * Admits identity tokens and access tokens to the control plane. A request with neither is counted for its client's address,
 * and is a 429 instead of a 401 where there are too many of them.
 */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly accessTokens: AccessTokenGuard,
    private readonly identities: IdentityProvider,
    private readonly principals: Principals,
    private readonly failures: CredentialFailureGuard,
    @Inject(ENVIRONMENT) protected readonly environment: Environment,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.identify(context);
    } catch (error) {
      if (error instanceof ApiError && error.status === REFUSED_CREDENTIAL) await this.failures.canActivate(context);
      throw error;
    }
  }

  private async identify(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = requireBearerToken(request.headers.authorization);
    if (issuerOf(token) === this.environment.MAAS_TOKEN_ISSUER) return this.accessTokens.canActivate(context);
    const identity = await this.identities.identify(token);
    if (identity === undefined) throw invalidCredential('nobody vouches for the token');
    const principal = await this.principals.renew(identity);
    refuseBlocked(principal);
    request.principal = principal;
    request.credential = { type: 'identity', id: null, expiresAtMs: null };
    return true;
  }
}
