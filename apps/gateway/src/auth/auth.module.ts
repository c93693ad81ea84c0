import { type DynamicModule, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { AccessTokenGuard } from './access-token.guard.js';
import { AccessTokens } from './access-token.service.js';
import { AccessTokenStore } from './access-token.store.js';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { AdminTokensController } from './admin-tokens.controller.js';
import { IdentityProvider } from './identity-provider.js';
import { JwksController } from './jwks.controller.js';
import { PrincipalStore } from './principal.store.js';
import { Principals } from './principals.service.js';
import { RevocationList } from './revocation-list.service.js';
import { SigningKeyStore } from './signing-key.store.js';
import { SigningKeys } from './signing-keys.service.js';
import { ControlPlaneThrottlers, CredentialFailureGuard, LoopTurns } from './throttling/index.js';
import { TokenHousekeeping } from './token-housekeeping.service.js';
import { TokenUseRecorder } from './token-use.recorder.js';
import { TokensController } from './tokens.controller.js';
import { VerifiedTokenCache } from './verified-token.cache.js';

const MAX_VERIFIED_TOKENS = 50_000;

/** Hands the one identity provider to every guard, in whatever module the guard stands. */
@Module({})
class IdentityModule {}

const stores = [AccessTokenStore, PrincipalStore, SigningKeyStore];
const used = [AccessTokenGuard, AccessTokens, CredentialFailureGuard, LoopTurns, Principals, TokenUseRecorder];

@Module({
  imports: [PassportModule, JwtModule.register({}), ControlPlaneThrottlers],
  controllers: [JwksController, TokensController, AdminTokensController],
  providers: [
    ...stores,
    ...used,
    { provide: VerifiedTokenCache, useFactory: () => new VerifiedTokenCache(MAX_VERIFIED_TOKENS) },
    SigningKeys,
    RevocationList,
    AccessTokenStrategy,
    TokenHousekeeping,
  ],
  // What the guards need wherever they stand.
  exports: [...used, VerifiedTokenCache],
})
export class AuthModule {
  /** For the wiring, once. Features import the class itself, so that all of them share one set of caches. */
  static forRoot(options: { identityProvider: IdentityProvider }): DynamicModule {
    return {
      module: IdentityModule,
      global: true,
      imports: [AuthModule],
      providers: [{ provide: IdentityProvider, useValue: options.identityProvider }],
      exports: [IdentityProvider],
    };
  }
}
