import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from '../../auth/index.js';
import { Catalog, ModelStore } from '../../models/index.js';
import { modelNotFound } from '../../platform/errors/index.js';
import type { Page } from '../../platform/http/index.js';
import { ErrorResponses, listOf } from '../../platform/openapi/index.js';
import { UpstreamRouter } from '../routing/upstream.router.js';
import { type LiveUpstream, liveUpstreamOf, liveUpstreamSchema } from './upstream-health.schemas.js';

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
}
