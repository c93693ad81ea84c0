import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { TiersModule } from '../tiers/index.js';
import { UsageModule } from '../usage/index.js';
import { ClientStallClock } from './client-stall.clock.js';
import { RelayCounter } from './counting/relay.counter.js';
import { DOCUMENTS } from './documents/index.js';
import { endpointController } from './endpoint.controller.js';
import { Forwarder } from './forwarder.service.js';
import { limitsController } from './limits.controller.js';
import { UpstreamChecker } from './operating/upstream.checker.js';
import { UpstreamMetrics } from './operating/upstream.metrics.js';
import { UpstreamOperationsController } from './operating/upstream-operations.controller.js';
import { UpstreamTrier } from './operating/upstream.trier.js';
import { UpstreamGuard } from './routing/upstream.guard.js';
import { UpstreamRouter } from './routing/upstream.router.js';
import { UpstreamClient } from './upstream.client.js';

@Module({
  imports: [AuthModule, TiersModule, UsageModule],
  controllers: [
    ...DOCUMENTS.flatMap(document => [endpointController(document), limitsController(document)]),
    UpstreamOperationsController,
  ],
  providers: [
    ClientStallClock,
    Forwarder,
    RelayCounter,
    UpstreamChecker,
    UpstreamClient,
    UpstreamGuard,
    UpstreamMetrics,
    UpstreamRouter,
    UpstreamTrier,
  ],
})
export class ProxyModule {}
