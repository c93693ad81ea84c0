import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-jwt';
import { validate as isUuid } from 'uuid';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { internalError, invalidCredential } from '../platform/errors/index.js';
import { authorizationOf, bearerTokenOf } from './bearer-token.js';
import { SigningKeys } from './signing-keys.service.js';
import { keyIdOf } from './token-segments.js';
import type { VerifiedToken } from './verified-token.cache.js';

export const ACCESS_TOKEN = 'access-token';

/** Checks an access token's signature and claims. Whether it is revoked is not its question. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, ACCESS_TOKEN) {
  constructor(@Inject(ENVIRONMENT) environment: Environment, keys: SigningKeys) {
    super({
      algorithms: ['ES256'],
      issuer: environment.MAAS_TOKEN_ISSUER,
      audience: environment.MAAS_TOKEN_AUDIENCE,
      jwtFromRequest: (request: unknown) => bearerTokenOf(authorizationOf((request as FastifyRequest).headers)) ?? null,
      secretOrKeyProvider: (_request, token: string, done) => {
        const kid = keyIdOf(token);
        if (kid === undefined) {
          done(invalidCredential('the token names no key'));
          return;
        }
        keys.publicPem(kid).then(
          pem => (pem === undefined ? done(invalidCredential('the key is not known')) : done(null, pem)),
          // passport-jwt takes any error of this kind for a bad token; a database that is away must stay our fault.
          (error: unknown) => done(internalError(error)),
        );
      },
    });
  }

  validate({ jti, sub, exp }: { jti?: unknown; sub?: unknown; exp?: unknown }): VerifiedToken {
    if (typeof sub !== 'string' || typeof exp !== 'number' || !isUuid(jti))
      throw invalidCredential('the token lacks a claim');
    return { jti: jti as string, subject: sub, expiresAtMs: exp * 1000 };
  }
}
