import { Body, Controller, Get, HttpCode, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CallerGuard } from '../auth/index.js';
import { notFound } from '../platform/errors/index.js';
import { type Page, pageAmong, wholeListQuerySchema } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import { lookedUpSchema, lookupSchema, tierOnTheWire, type TierOnTheWire, tierSchema } from './tier.schemas.js';
import { Tiers } from './tiers.service.js';

@ApiTags('Tiers')
@ApiBearerAuth()
@Controller('maas-api/v1/tiers')
@UseGuards(CallerGuard)
export class TiersController {
  constructor(private readonly tiers: Tiers) {}

  @Get()
  @ApiOperation({ summary: 'The tiers with their limits, the lowest level first', operationId: 'listTiers' })
  @ApiResponse({ status: 200, description: 'All tiers, or a page of them', standardSchema: listOf(tierSchema) })
  @ErrorResponses(400, 401, 403)
  list(@Query({ schema: wholeListQuerySchema }) query: z.output<typeof wholeListQuerySchema>): Page<TierOnTheWire> {
    return pageAmong(this.tiers.all().map(tierOnTheWire), ({ name }) => name, query);
  }

  @Post('lookup')
  @HttpCode(200)
  @ApiOperation({ summary: 'The tier that groups lead to', operationId: 'lookUpTier' })
  @ApiResponse({ status: 200, description: 'The tier of the highest level', standardSchema: lookedUpSchema })
  @ErrorResponses(400, 401, 403, 404, 413, 415)
  lookUp(@Body({ schema: lookupSchema }) { groups }: z.output<typeof lookupSchema>): z.output<typeof lookedUpSchema> {
    const resolved = this.tiers.resolve({ groups, tierOverride: null });
    if (resolved === undefined) throw notFound('The groups lead to no tier');
    return { tier: resolved.tier.name, displayName: resolved.tier.displayName };
  }
}
