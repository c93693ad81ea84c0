import { Controller, Get, Query, Req, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AccessTokenGuard } from '../auth/index.js';
import { lenientListQuerySchema, type Page, pageAmong } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import { Tiers } from '../tiers/index.js';
import { callersTier } from './callers-tier.js';
import { Catalog } from './catalog.service.js';
import { LimitHeadersInterceptor } from './limit-headers.interceptor.js';
import { ModelAccessGuard } from './model-access.guard.js';
import { modelParam } from './model-param.js';
import { type OpenAiModel, openAiModelOf, openAiModelSchema } from './model.schemas.js';

type ListQuery = z.output<typeof lenientListQuerySchema>;

/** The list as OpenAI's clients know it. */
@ApiTags('Models')
@ApiBearerAuth()
@Controller()
@UseGuards(AccessTokenGuard, ModelAccessGuard)
@UseInterceptors(LimitHeadersInterceptor)
export class OpenAiModelsController {
  constructor(
    private readonly catalog: Catalog,
    private readonly tiers: Tiers,
  ) {}

  @Get('v1/models')
  @ApiOperation({
    summary: "The models that the caller's tier may use, in OpenAI's shape",
    operationId: 'listOpenAiModels',
  })
  @ApiResponse({ status: 200, description: 'All of them, or a page', standardSchema: listOf(openAiModelSchema) })
  @ErrorResponses(400, 401, 403)
  list(@Req() request: FastifyRequest, @Query({ schema: lenientListQuerySchema }) query: ListQuery): Page<OpenAiModel> {
    const all = this.catalog.visibleTo(callersTier(request, this.tiers).tier).map(openAiModelOf);
    return pageAmong(all, ({ id }) => id, query);
  }

  @Get(':model/v1/models')
  @ApiOperation({ summary: "The same list, under a model's own base URL", operationId: 'listOpenAiModelsOfModel' })
  @modelParam()
  @ApiResponse({ status: 200, description: 'All of them, or a page', standardSchema: listOf(openAiModelSchema) })
  @ErrorResponses(400, 401, 403, 404)
  listOfModel(
    @Req() request: FastifyRequest,
    @Query({ schema: lenientListQuerySchema }) query: ListQuery,
  ): Page<OpenAiModel> {
    return this.list(request, query);
  }

  @Get('v1/models/:model')
  @ApiOperation({ summary: "One model, in OpenAI's shape", operationId: 'getOpenAiModel' })
  @modelParam()
  @ApiResponse({ status: 200, description: 'The model', standardSchema: openAiModelSchema })
  @ErrorResponses(401, 403, 404)
  get(@Req() { model }: FastifyRequest): OpenAiModel {
    if (model === undefined) throw new Error('ModelAccessGuard runs first');
    return openAiModelOf(model);
  }
}
