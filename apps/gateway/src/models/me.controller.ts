import { Controller, Get, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CallerGuard } from '../auth/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { limitOnTheWire, type LimitState, Quota, Tiers } from '../tiers/index.js';
import { callersTier } from './callers-tier.js';
import { Catalog } from './catalog.service.js';
import { meSchema } from './me.schemas.js';

type Me = z.output<typeof meSchema>;

const stateOf = ({ limit, used, reserved, remaining, resetMs }: LimitState): Me['limits'][number] => ({
  ...limitOnTheWire(limit),
  used,
  reserved,
  remaining,
  resetsAt: new Date(Date.now() + Math.ceil(resetMs)).toISOString(),
});

@ApiTags('Tiers')
@ApiBearerAuth()
@Controller('maas-api/v1/me')
@UseGuards(CallerGuard)
export class MeController {
  constructor(
    private readonly catalog: Catalog,
    private readonly tiers: Tiers,
    private readonly quota: Quota,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Who the caller is, their tier and why, and what is left of their limits',
    operationId: 'getMe',
  })
  @ApiResponse({ status: 200, description: 'The caller', standardSchema: meSchema })
  @ErrorResponses(401, 403)
  async me(@Req() request: FastifyRequest): Promise<Me> {
    const { principal, tier, because } = callersTier(request, this.tiers);
    const { credential } = request;
    if (credential === undefined) throw new Error('CallerGuard runs first');
    return {
      subject: principal.subject,
      username: principal.username,
      groups: [...principal.groups],
      tier: { name: tier.name, displayName: tier.displayName, level: tier.level, because },
      limits: (await this.quota.describe(principal.subject, tier.limits)).map(stateOf),
      models: this.catalog.visibleTo(tier).map(({ id }) => id),
      credential: {
        type: credential.type,
        id: credential.id,
        expiresAt: credential.expiresAtMs === null ? null : new Date(credential.expiresAtMs).toISOString(),
      },
    };
  }
}
