import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { TiersModule } from '../tiers/index.js';
import { AdminModelsController } from './admin-models.controller.js';
import { AdminUpstreamsController } from './admin-upstreams.controller.js';
import { Catalog, SIMULATOR_URL } from './catalog.service.js';
import { LimitHeadersInterceptor } from './limit-headers.interceptor.js';
import { MeController } from './me.controller.js';
import { ModelAccess } from './model-access.js';
import { ModelAccessGuard } from './model-access.guard.js';
import { ModelReadiness } from './model-readiness.js';
import { ModelStore } from './model.store.js';
import { ModelsController } from './models.controller.js';
import { OpenAiModelsController } from './openai-models.controller.js';
import { PublicUrl } from './public-url.js';
import { RequestBodyGuard } from './request-body.guard.js';
import { UpstreamAddresses } from './upstream-addresses.service.js';

@Module({})
export class ModelsModule {
  /** @param simulatorUrl base URL of the bundled simulator, `null` where none runs */
  static forRoot({ simulatorUrl }: { simulatorUrl: string | null }): DynamicModule {
    return {
      module: ModelsModule,
      global: true,
      imports: [AuthModule, TiersModule],
      controllers: [
        ModelsController,
        OpenAiModelsController,
        MeController,
        AdminModelsController,
        AdminUpstreamsController,
      ],
      providers: [
        { provide: SIMULATOR_URL, useValue: simulatorUrl },
        ModelStore,
        UpstreamAddresses,
        Catalog,
        ModelReadiness,
        ModelAccess,
        ModelAccessGuard,
        RequestBodyGuard,
        LimitHeadersInterceptor,
        PublicUrl,
      ],
      exports: [
        TiersModule,
        Catalog,
        ModelReadiness,
        ModelStore,
        ModelAccess,
        ModelAccessGuard,
        RequestBodyGuard,
        LimitHeadersInterceptor,
        PublicUrl,
        UpstreamAddresses,
      ],
    };
  }
}
