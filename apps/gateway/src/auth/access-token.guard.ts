import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { accessDenied, internalError, invalidCredential } from '../platform/errors/index.js';
import { ACCESS_TOKEN } from './access-token.strategy.js';
import { AccessTokens } from './access-token.service.js';
import { authorizationOf, requireBearerToken } from './bearer-token.js';
import type { Principal } from './principal.js';
import { Principals } from './principals.service.js';
import { LoopTurns } from './throttling/index.js';
import { notOfThisGateway, refusalOf } from './token-refusal.js';
import { issuerOf } from './token-segments.js';
import { TokenUseRecorder } from './token-use.recorder.js';
import { type VerifiedToken, VerifiedTokenCache } from './verified-token.cache.js';

/** @throws ApiError 403 where an administrator has blocked the caller */
export function refuseBlocked(principal: Principal): void {
  if (principal.blocked) throw accessDenied('This user is blocked');
}

/** Lets a live access token in, and tells who it is for. */
@Injectable()
export class AccessTokenGuard extends AuthGuard(ACCESS_TOKEN) {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly cache: VerifiedTokenCache,
    private readonly principals: Principals,
    private readonly uses: TokenUseRecorder,
    private readonly turns: LoopTurns,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {
    super();
  }

  /** Synchronous for a token and a principal that are in memory, as they are for all but the first request. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const authorization = authorizationOf(request.headers);
    const verified = authorization === undefined ? undefined : this.cache.get(authorization);
    if (verified === undefined) return this.verify(context, request, authorization);
    const principal = this.principals.peek(verified.subject);
    if (principal === undefined) return this.loadAndAdmit(request, verified);
    return this.admit(request, verified, principal);
  }

  /** Every way in which a token can fail comes by here, and so does what fails on our side. */
  override handleRequest<T>(error: unknown, verified: T | false | undefined, failure: unknown): T {
    if (error instanceof Error) throw error;
    if (error) throw internalError(error);
    if (!verified) throw refusalOf(failure);
    return verified;
  }

  private async verify(
    context: ExecutionContext,
    request: FastifyRequest,
    authorization: string | undefined,
  ): Promise<boolean> {
    const token = requireBearerToken(authorization);
    // Decided from the token alone: neither an identity provider nor the signature check is asked about a foreign token.
    if (issuerOf(token) !== this.environment.MAAS_TOKEN_ISSUER) throw notOfThisGateway();
    const { raw } = context.switchToHttp().getResponse<FastifyReply>();
    // A signature takes some 0.3 ms to check: with all of a flood's forgeries in one turn, everybody would wait for them.
    if (!(await this.turns.next(() => raw.destroyed))) throw invalidCredential('the client has left');
    await super.canActivate(context);
    // Where Passport puts what the strategy made of the token.
    const verified = (request as FastifyRequest & { user: VerifiedToken }).user;
    if (authorization !== undefined) this.cache.set(authorization, verified);
    return this.loadAndAdmit(request, verified);
  }

  private async loadAndAdmit(request: FastifyRequest, verified: VerifiedToken): Promise<boolean> {
    const principal = this.principals.peek(verified.subject) ?? (await this.principals.load(verified.subject));
    if (principal === undefined) throw invalidCredential('the subject is not known');
    return this.admit(request, verified, principal);
  }

  /** The last word, after all that is awaited: a revocation that was answered meanwhile counts. */
  private admit(request: FastifyRequest, verified: VerifiedToken, principal: Principal): true {
    const nowMs = Date.now();
    this.tokens.check(verified, nowMs);
    refuseBlocked(principal);
    this.uses.record(verified.jti, nowMs);
    request.principal = principal;
    request.credential = { type: 'token', id: verified.jti, expiresAtMs: verified.expiresAtMs };
    return true;
  }
}
