import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule, type IdentityProvider } from './auth/index.js';
import { ModelsModule } from './models/index.js';
import { BodiesModule, type BodyReader } from './platform/bodies/index.js';
import { ConfigModule, type Environment } from './platform/config/index.js';
import { DatabaseModule } from './platform/database/index.js';
import { DirectModule } from './platform/direct/index.js';
import { EventsModule } from './platform/events/index.js';
import { HealthModule } from './platform/health/index.js';
import { HttpModule, type RouteTable } from './platform/http/index.js';
import { type SecretBox, SecretsModule } from './platform/secrets/index.js';
import { ProxyModule } from './proxy/index.js';
import { TiersModule } from './tiers/index.js';
import { UsageModule } from './usage/index.js';

export interface AppOptions {
  environment: Environment;
  databaseUrl: string;
  identityProvider: IdentityProvider;
  simulatorUrl: string | null;
  secrets: SecretBox;
  routes: RouteTable;
  bodies: BodyReader;
}

/**
 * The wiring. A request of the data plane passes, in this order (see `proxy/endpoint.controller.ts`):
 * AccessTokenGuard (auth) → ModelAccessGuard → RequestBodyGuard (models) → UpstreamGuard (proxy) → TierThrottlerGuard → TokenQuotaGuard (tiers) →
 * LedgerGuard (usage) → controller → relay (proxy).
 */
@Module({})
export class AppModule {
  static forRoot({
    environment,
    databaseUrl,
    identityProvider,
    simulatorUrl,
    secrets,
    routes,
    bodies,
  }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(environment),
        SecretsModule.forRoot(secrets),
        DatabaseModule.forRoot({ url: databaseUrl }),
        EventsModule,
        BodiesModule.forRoot(bodies),
        HttpModule.forRoot(routes),
        DirectModule,
        HealthModule,
        AuthModule.forRoot({ identityProvider }),
        TiersModule,
        ModelsModule.forRoot({ simulatorUrl }),
        UsageModule,
        ProxyModule,
      ],
    };
  }
}
