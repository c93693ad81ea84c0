import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { DatabaseService } from '../database/index.js';
import { ErrorResponses } from '../openapi/index.js';
import { HealthNotes } from './health-notes.service.js';
import { Lifecycle } from './lifecycle.service.js';

const liveSchema = z.strictObject({ status: z.literal('ok') }).meta({ example: { status: 'ok' } });
const readySchema = z
  .strictObject({
    status: z.enum(['ok', 'unavailable']),
    checks: z.strictObject({ database: z.boolean(), draining: z.boolean() }),
    states: z
      .record(z.string(), z.string())
      .optional()
      .describe('How parts work that nobody need be sent elsewhere for; `quota`: shared, or the fallback that decides'),
  })
  .meta({ example: { status: 'ok', checks: { database: true, draining: false } } });

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: DatabaseService,
    private readonly lifecycle: Lifecycle,
    private readonly notes: HealthNotes,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Is the process alive', operationId: 'getLiveness', security: [] })
  @ApiResponse({ status: 200, description: 'The process answers', standardSchema: liveSchema })
  @ErrorResponses()
  live(): z.output<typeof liveSchema> {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'May the process be sent requests', operationId: 'getReadiness', security: [] })
  @ApiResponse({ status: 200, description: 'Ready', standardSchema: readySchema })
  @ErrorResponses()
  @ApiResponse({
    status: 503,
    description: 'Not ready: draining, or the database does not answer',
    standardSchema: readySchema,
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<z.output<typeof readySchema>> {
    const checks = { database: await this.database.isReachable(), draining: this.lifecycle.draining };
    const ok = checks.database && !checks.draining;
    void reply.status(ok ? 200 : 503);
    const states = this.notes.all();
    return { status: ok ? 'ok' : 'unavailable', checks, ...(states && { states }) };
  }
}
