import { Body, Controller, Delete, HttpCode, Param, Patch, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AdminGuard } from '../auth/index.js';
import { notFound } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { ModelStore } from './model.store.js';
import { UpstreamAddresses } from './upstream-addresses.service.js';
import {
  newUpstreamFromTheWire,
  newUpstreamSchema,
  upstreamChangeSchema,
  upstreamFromTheWire,
  type UpstreamOnTheWire,
  upstreamOnTheWire,
  upstreamSchema,
} from './upstream.schemas.js';

const uuidSchema = z.uuid();

/** The database refuses to compare its UUIDs with anything else. @throws ApiError 404 */
function upstreamIdOf(text: string): string {
  if (!uuidSchema.safeParse(text).success) throw notFound(`There is no upstream '${text}'`);
  return text;
}

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('maas-api/v1/admin/models/:id/upstreams')
@UseGuards(AdminGuard)
export class AdminUpstreamsController {
  constructor(
    private readonly store: ModelStore,
    private readonly changes: ChangeFeed,
    private readonly addresses: UpstreamAddresses,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Add an upstream to a model', operationId: 'createUpstream' })
  @ApiResponse({ status: 201, description: 'The upstream', standardSchema: upstreamSchema })
  @ErrorResponses(400, 401, 403, 404, 413, 415)
  async create(
    @Param('id') id: string,
    @Body({ schema: newUpstreamSchema }) body: z.output<typeof newUpstreamSchema>,
  ): Promise<UpstreamOnTheWire> {
    await this.addresses.check(body.url, 'url');
    const upstream = await this.store.addUpstream(id, newUpstreamFromTheWire(body));
    await this.changes.catchUp();
    return upstreamOnTheWire(id, upstream);
  }

  @Patch(':upstreamId')
  @ApiOperation({ summary: 'Replace the given fields of an upstream', operationId: 'updateUpstream' })
  @ApiResponse({ status: 200, description: 'The upstream as it is now', standardSchema: upstreamSchema })
  @ErrorResponses(400, 401, 403, 404, 413, 415)
  async change(
    @Param('id') id: string,
    @Param('upstreamId') upstreamId: string,
    @Body({ schema: upstreamChangeSchema }) body: z.output<typeof upstreamChangeSchema>,
  ): Promise<UpstreamOnTheWire> {
    if (body.url !== undefined) await this.addresses.check(body.url, 'url');
    const upstream = await this.store.changeUpstream(id, upstreamIdOf(upstreamId), upstreamFromTheWire(body));
    await this.changes.catchUp();
    return upstreamOnTheWire(id, upstream);
  }

  @Post(':upstreamId/drain')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send an upstream no new requests; what runs there runs to its end',
    operationId: 'drainUpstream',
  })
  @ApiResponse({
    status: 200,
    description: 'The upstream; PATCH with `draining: false` takes it back',
    standardSchema: upstreamSchema,
  })
  @ErrorResponses(401, 403, 404)
  async drain(@Param('id') id: string, @Param('upstreamId') upstreamId: string): Promise<UpstreamOnTheWire> {
    const upstream = await this.store.changeUpstream(id, upstreamIdOf(upstreamId), { draining: true });
    await this.changes.catchUp();
    return upstreamOnTheWire(id, upstream);
  }

  @Delete(':upstreamId')
  @HttpCode(204)
  @ApiOperation({ summary: "Delete an upstream that is not the model's last", operationId: 'deleteUpstream' })
  @ApiResponse({ status: 204, description: 'It is gone' })
  @ErrorResponses(401, 403, 404, 409)
  async remove(@Param('id') id: string, @Param('upstreamId') upstreamId: string): Promise<void> {
    await this.store.removeUpstream(id, upstreamIdOf(upstreamId));
    await this.changes.catchUp();
  }
}
