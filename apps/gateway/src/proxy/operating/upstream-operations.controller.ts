import { Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from '../../auth/index.js';
import { Catalog, ModelStore } from '../../models/index.js';
import { modelNotFound, notFound } from '../../platform/errors/index.js';
import type { Page } from '../../platform/http/index.js';
import { ErrorResponses, listOf } from '../../platform/openapi/index.js';
import { UpstreamRouter } from '../routing/upstream.router.js';
import {
  type LiveUpstream,
  liveUpstreamOf,
  liveUpstreamSchema,
  type TrialOutcome,
  trialOutcomeSchema,
} from './upstream-health.schemas.js';
import { UpstreamTrier } from './upstream.trier.js';

/** What operators ask of upstreams that only whoever sends the requests can tell. */
@ApiTags('Administration')
@ApiBearerAuth()
@Controller('maas-api/v1/admin/models/:id/upstreams')
@UseGuards(AdminGuard)
export class UpstreamOperationsController {
  constructor(
    private readonly store: ModelStore,
    private readonly catalog: Catalog,
    private readonly router: UpstreamRouter,
    private readonly trier: UpstreamTrier,
  ) {}

  @Get()
  @ApiOperation({
    summary: "A model's upstreams and how they are, as this replica sees it",
    operationId: 'listUpstreams',
  })
  @ApiResponse({
    status: 200,
    description: 'All of them, in the order of priority',
    standardSchema: listOf(liveUpstreamSchema),
  })
  @ErrorResponses(401, 403, 404)
  async list(@Param('id') id: string): Promise<Page<LiveUpstream>> {
    const stored = await this.store.find(id);
    if (stored === undefined) throw modelNotFound(id);
    const model = this.catalog.get(id);
    const nowMs = this.router.now();
    const data = stored.upstreams.map(upstream =>
      liveUpstreamOf(id, { stored: upstream, model, health: this.router.healthOf(upstream.id), nowMs }),
    );
    return { object: 'list', data, has_more: false };
  }

  @Post(':upstreamId/test')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send an upstream a real, tiny request, drained or not; it counts to no limit and is not in the ledger',
    operationId: 'testUpstream',
  })
  @ApiResponse({ status: 200, description: 'What came of it, failed or not', standardSchema: trialOutcomeSchema })
  @ErrorResponses(400, 401, 403, 404)
  test(@Param('id') id: string, @Param('upstreamId') upstreamId: string): Promise<TrialOutcome> {
    const model = this.catalog.get(id);
    if (model === undefined) throw modelNotFound(id);
    const upstream = [...model.upstreams, ...model.drained].find(one => one.id === upstreamId);
    if (upstream === undefined) throw notFound(`The model '${id}' has no upstream '${upstreamId}' that can be used`);
    return this.trier.try(model, upstream);
  }
}
