import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AdminGuard } from '../auth/index.js';
import { modelNotFound } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { type Page, pageOf, pageQuerySchema } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import {
  type AdminModel,
  adminModelSchema,
  modelChangeSchema,
  modelFromTheWire,
  modelOnTheWire,
  newModelSchema,
} from './admin-model.schemas.js';
import { ModelStore } from './model.store.js';
import { UpstreamAddresses } from './upstream-addresses.service.js';
import { newUpstreamFromTheWire } from './upstream.schemas.js';

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('maas-api/v1/admin/models')
@UseGuards(AdminGuard)
export class AdminModelsController {
  constructor(
    private readonly store: ModelStore,
    private readonly changes: ChangeFeed,
    private readonly addresses: UpstreamAddresses,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Add a model', operationId: 'createModel' })
  @ApiResponse({ status: 201, description: 'The model, served by this replica', standardSchema: adminModelSchema })
  @ErrorResponses(400, 401, 403, 409, 413, 415)
  async create(
    @Body({ schema: newModelSchema }) { id, upstreams, ...fields }: z.output<typeof newModelSchema>,
  ): Promise<AdminModel> {
    await this.checkAddresses(upstreams);
    const model = await this.store.add({
      ...modelFromTheWire(fields),
      id,
      name: fields.name ?? id,
      tierName: fields.tier,
      upstreams: upstreams.map(newUpstreamFromTheWire),
    });
    await this.changes.catchUp();
    return modelOnTheWire(model);
  }

  @Get()
  @ApiOperation({ summary: 'All models', operationId: 'listAllModels' })
  @ApiResponse({ status: 200, description: 'A page of models, by id', standardSchema: listOf(adminModelSchema) })
  @ErrorResponses(400, 401, 403)
  async list(
    @Query({ schema: pageQuerySchema }) { limit, after }: z.output<typeof pageQuerySchema>,
  ): Promise<Page<AdminModel>> {
    return pageOf((await this.store.list(limit, after)).map(modelOnTheWire), limit);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One model with its upstreams', operationId: 'getAdminModel' })
  @ApiResponse({ status: 200, description: 'The model', standardSchema: adminModelSchema })
  @ErrorResponses(401, 403, 404)
  async get(@Param('id') id: string): Promise<AdminModel> {
    const model = await this.store.find(id);
    if (model === undefined) throw modelNotFound(id);
    return modelOnTheWire(model);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Replace the given fields of a model', operationId: 'updateModel' })
  @ApiResponse({ status: 200, description: 'The model as it is now', standardSchema: adminModelSchema })
  @ErrorResponses(400, 401, 403, 404, 409, 413, 415)
  async change(
    @Param('id') id: string,
    @Body({ schema: modelChangeSchema }) body: z.output<typeof modelChangeSchema>,
  ): Promise<AdminModel> {
    await this.checkAddresses(body.upstreams);
    const model = await this.store.change(id, modelFromTheWire(body));
    await this.changes.catchUp();
    return modelOnTheWire(model);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a model', operationId: 'deleteModel' })
  @ApiResponse({ status: 204, description: 'It is gone' })
  @ErrorResponses(401, 403, 404)
  async remove(@Param('id') id: string): Promise<void> {
    await this.store.remove(id);
    await this.changes.catchUp();
  }

  private async checkAddresses(upstreams: { url: string }[] = []): Promise<void> {
    await Promise.all(upstreams.map(({ url }, index) => this.addresses.check(url, `upstreams.${index}.url`)));
  }
}
