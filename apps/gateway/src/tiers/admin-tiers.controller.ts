import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AdminGuard } from '../auth/index.js';
import { notFound } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { type Page, pageAmong, pageQuerySchema } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import { Quota } from './quota/index.js';
import {
  limitFromTheWire,
  newTierSchema,
  tierChangeSchema,
  tierOnTheWire,
  type TierOnTheWire,
  tierSchema,
} from './tier.schemas.js';
import { TierStore } from './tier.store.js';

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('maas-api/v1/admin/tiers')
@UseGuards(AdminGuard)
export class AdminTiersController {
  constructor(
    private readonly store: TierStore,
    private readonly changes: ChangeFeed,
    private readonly quota: Quota,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Make a tier', operationId: 'createTier' })
  @ApiResponse({ status: 201, description: 'The tier, in force on this replica', standardSchema: tierSchema })
  @ErrorResponses(400, 401, 403, 409, 413, 415)
  async create(@Body({ schema: newTierSchema }) body: z.output<typeof newTierSchema>): Promise<TierOnTheWire> {
    const { name, displayName = name, description = '', strict = false, groups = [], limits = [] } = body;
    const tier = await this.store.add({
      name,
      displayName,
      description,
      level: body.level,
      strict,
      groups,
      limits: limits.map(limitFromTheWire),
    });
    await this.inForce();
    return tierOnTheWire(tier);
  }

  @Get()
  @ApiOperation({ summary: 'The tiers, the lowest level first', operationId: 'listAllTiers' })
  @ApiResponse({ status: 200, description: 'A page of tiers', standardSchema: listOf(tierSchema) })
  @ErrorResponses(400, 401, 403)
  async list(
    @Query({ schema: pageQuerySchema }) query: z.output<typeof pageQuerySchema>,
  ): Promise<Page<TierOnTheWire>> {
    return pageAmong((await this.store.all()).map(tierOnTheWire), ({ name }) => name, query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One tier', operationId: 'getTier' })
  @ApiResponse({ status: 200, description: 'The tier', standardSchema: tierSchema })
  @ErrorResponses(401, 403, 404)
  async get(@Param('name') name: string): Promise<TierOnTheWire> {
    const tier = await this.store.find(name);
    if (tier === undefined) throw notFound(`There is no tier '${name}'`);
    return tierOnTheWire(tier);
  }

  @Patch(':name')
  @ApiOperation({ summary: 'Replace the given fields of a tier', operationId: 'updateTier' })
  @ApiResponse({ status: 200, description: 'The tier as it is now', standardSchema: tierSchema })
  @ErrorResponses(400, 401, 403, 404, 409, 413, 415)
  async change(
    @Param('name') name: string,
    @Body({ schema: tierChangeSchema }) body: z.output<typeof tierChangeSchema>,
  ): Promise<TierOnTheWire> {
    const { limits, ...fields } = body;
    const tier = await this.store.change(name, { ...fields, ...(limits && { limits: limits.map(limitFromTheWire) }) });
    await this.inForce();
    return tierOnTheWire(tier);
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a tier that no model needs', operationId: 'deleteTier' })
  @ApiResponse({ status: 204, description: 'It is gone' })
  @ErrorResponses(401, 403, 404, 409)
  async remove(@Param('name') name: string): Promise<void> {
    await this.store.remove(name);
    await this.changes.catchUp();
  }

  /** The data plane goes by the change, and a limit that is new knows what was used before it. */
  private async inForce(): Promise<void> {
    await this.changes.catchUp();
    await this.quota.filled();
  }
}
