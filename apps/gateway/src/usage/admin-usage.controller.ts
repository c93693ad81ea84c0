import { Controller, Get, Header, Headers, Query, type StreamableFile, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AdminGuard } from '../auth/index.js';
import type { Page } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import { prefersCsv } from './accept.header.js';
import { filterOf } from './usage-filter.js';
import { UsageReports } from './usage-reports.service.js';
import {
  adminEntriesQuerySchema,
  adminUsageQuerySchema,
  type EntryOnTheWire,
  ledgerEntrySchema,
  type SumsOnTheWire,
  usageSumsSchema,
} from './usage.schemas.js';

@ApiTags('Administration')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('maas-api/v1/admin/usage')
export class AdminUsageController {
  constructor(private readonly reports: UsageReports) {}

  @Get()
  @Header('vary', 'accept')
  @ApiOperation({
    summary: "What everybody's requests came to",
    description:
      'With `Accept: text/csv` it answers with a CSV file of all of them, not of one page. An apostrophe is put before ' +
      'text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, so that no spreadsheet evaluates it.',
    operationId: 'getUsageOfAll',
  })
  @ApiResponse({
    status: 200,
    description: 'Sums, one for each combination of the keys',
    standardSchema: usageSumsSchema,
  })
  @ErrorResponses(400, 401, 403)
  sums(
    @Query({ schema: adminUsageQuerySchema }) query: z.output<typeof adminUsageQuerySchema>,
    @Headers('accept') accept: string | undefined,
  ): Promise<SumsOnTheWire | StreamableFile> {
    const filter = filterOf(query, Date.now());
    return prefersCsv(accept)
      ? this.reports.sumsAsCsv(filter, query.groupBy)
      : this.reports.sums(filter, query.groupBy, query);
  }

  @Get('requests')
  @Header('vary', 'accept')
  @ApiOperation({
    summary: "Everybody's requests, newest first",
    description:
      'With `Accept: text/csv` it answers with a CSV file of all of them, not of one page. An apostrophe is put before ' +
      'text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, so that no spreadsheet evaluates it.',
    operationId: 'listUsageRequestsOfAll',
  })
  @ApiResponse({ status: 200, description: 'A page of ledger entries', standardSchema: listOf(ledgerEntrySchema) })
  @ErrorResponses(400, 401, 403)
  requests(
    @Query({ schema: adminEntriesQuerySchema }) query: z.output<typeof adminEntriesQuerySchema>,
    @Headers('accept') accept: string | undefined,
  ): Promise<Page<EntryOnTheWire> | StreamableFile> {
    const filter = filterOf(query, Date.now());
    return prefersCsv(accept)
      ? this.reports.entriesAsCsv(filter, query.after)
      : this.reports.entries(filter, query.limit, query.after);
  }
}
