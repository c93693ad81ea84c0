import { Controller, Get, Param, Query, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CallerGuard } from '../auth/index.js';
import { modelAccessDenied, modelNotFound } from '../platform/errors/index.js';
import { type Page, pageAmong, wholeListQuerySchema } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import { callersTier } from './callers-tier.js';
import type { CatalogModel } from './catalog-model.js';
import { Catalog } from './catalog.service.js';
import { ModelReadiness } from './model-readiness.js';
import { modelOf, type ModelOnTheWire, modelSchema } from './model.schemas.js';
import { PublicUrl } from './public-url.js';
import { Tiers } from '../tiers/index.js';

@ApiTags('Models')
@ApiBearerAuth()
@Controller('maas-api/v1/models')
@UseGuards(CallerGuard)
export class ModelsController {
  constructor(
    private readonly catalog: Catalog,
    private readonly tiers: Tiers,
    private readonly url: PublicUrl,
    private readonly readiness: ModelReadiness,
  ) {}

  @Get()
  @ApiOperation({ summary: "The models that the caller's tier may use", operationId: 'listModels' })
  @ApiResponse({ status: 200, description: 'All of them, or a page', standardSchema: listOf(modelSchema) })
  @ErrorResponses(400, 401, 403)
  list(
    @Req() request: FastifyRequest,
    @Query({ schema: wholeListQuerySchema }) query: z.output<typeof wholeListQuerySchema>,
  ): Page<ModelOnTheWire> {
    const { tier } = callersTier(request, this.tiers);
    const all = this.catalog.visibleTo(tier).map(model => this.told(model));
    return pageAmong(all, ({ id }) => id, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One model', operationId: 'getModel' })
  @ApiResponse({ status: 200, description: 'The model', standardSchema: modelSchema })
  @ErrorResponses(401, 403, 404)
  get(@Req() request: FastifyRequest, @Param('id') id: string): ModelOnTheWire {
    const model = this.catalog.get(id);
    if (model === undefined) throw modelNotFound(id);
    if (model.tierLevel > callersTier(request, this.tiers).tier.level) throw modelAccessDenied();
    return this.told(model);
  }

  private told(model: CatalogModel): ModelOnTheWire {
    return modelOf(model, this.url.chatOf(model.id), this.readiness.isReady(model));
  }
}
