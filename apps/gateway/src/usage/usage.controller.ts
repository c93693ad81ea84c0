import { Controller, Get, Header, Headers, Query, Req, type StreamableFile, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CallerGuard, principalOf } from '../auth/index.js';
import type { Page } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import { prefersCsv } from './accept.header.js';
import { filterOf, type UsageFilter } from './usage-filter.js';
import { UsageReports } from './usage-reports.service.js';
import {
  entriesQuerySchema,
  type EntryOnTheWire,
  ledgerEntrySchema,
  usageQuerySchema,
  type SumsOnTheWire,
  usageSumsSchema,
} from './usage.schemas.js';

/** The filter of a query, held to the caller's own. */
const ownFilter = (request: FastifyRequest, query: Partial<UsageFilter>): UsageFilter =>
  filterOf({ ...query, subject: principalOf(request).subject }, Date.now());

@ApiTags('Usage')
@ApiBearerAuth()
@UseGuards(CallerGuard)
@Controller('maas-api/v1/usage')
export class UsageController {
  constructor(private readonly reports: UsageReports) {}

  @Get()
  @Header('vary', 'accept')
  @ApiOperation({
    summary: 'What your requests came to',
    description:
      'With `Accept: text/csv` it answers with a CSV file of all of them, not of one page. An apostrophe is put before ' +
      'text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, so that no spreadsheet evaluates it.',
    operationId: 'getUsage',
  })
  @ApiResponse({
    status: 200,
    description: 'Sums, one for each combination of the keys',
    standardSchema: usageSumsSchema,
  })
  @ErrorResponses(400, 401, 403)
  sums(
    @Req() request: FastifyRequest,
    @Query({ schema: usageQuerySchema }) query: z.output<typeof usageQuerySchema>,
    @Headers('accept') accept: string | undefined,
  ): Promise<SumsOnTheWire | StreamableFile> {
    const filter = ownFilter(request, query);
    return prefersCsv(accept)
      ? this.reports.sumsAsCsv(filter, query.groupBy)
      : this.reports.sums(filter, query.groupBy, query);
  }

  @Get('requests')
  @Header('vary', 'accept')
  @ApiOperation({
    summary: 'Your requests, newest first',
    description:
      'With `Accept: text/csv` it answers with a CSV file of all of them, not of one page. An apostrophe is put before ' +
      'text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, so that no spreadsheet evaluates it.',
    operationId: 'listUsageRequests',
  })
  @ApiResponse({ status: 200, description: 'A page of ledger entries', standardSchema: listOf(ledgerEntrySchema) })
  @ErrorResponses(400, 401, 403)
  requests(
    @Req() request: FastifyRequest,
    @Query({ schema: entriesQuerySchema }) query: z.output<typeof entriesQuerySchema>,
    @Headers('accept') accept: string | undefined,
  ): Promise<Page<EntryOnTheWire> | StreamableFile> {
    const filter = ownFilter(request, query);
    return prefersCsv(accept)
      ? this.reports.entriesAsCsv(filter, query.after)
      : this.reports.entries(filter, query.limit, query.after);
  }
}
