import { Body, Controller, Get, Param, Patch, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AdminGuard, type Principal, Principals } from '../auth/index.js';
import { invalidRequest, notFound } from '../platform/errors/index.js';
import { type Page, pageOf, pageQuerySchema } from '../platform/http/index.js';
import { ErrorResponses, listOf } from '../platform/openapi/index.js';
import { userChangeSchema, userSchema } from './tier.schemas.js';
import { TierStore } from './tier.store.js';
import { Tiers } from './tiers.service.js';

type User = z.output<typeof userSchema>;

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('maas-api/v1/admin/users')
@UseGuards(AdminGuard)
export class AdminUsersController {
  constructor(
    private readonly principals: Principals,
    private readonly store: TierStore,
    private readonly tiers: Tiers,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Everyone who has identified themselves here', operationId: 'listUsers' })
  @ApiResponse({ status: 200, description: 'A page of users, by subject', standardSchema: listOf(userSchema) })
  @ErrorResponses(400, 401, 403)
  async list(
    @Query({ schema: pageQuerySchema }) { limit, after }: z.output<typeof pageQuerySchema>,
  ): Promise<Page<User>> {
    const found = await this.principals.list(limit, after);
    return pageOf(
      found.map(principal => this.tell(principal)),
      limit,
    );
  }

  @Get(':subject')
  @ApiOperation({ summary: 'One user', operationId: 'getUser' })
  @ApiResponse({ status: 200, description: 'The user', standardSchema: userSchema })
  @ErrorResponses(401, 403, 404)
  async get(@Param('subject') subject: string): Promise<User> {
    const principal = await this.principals.load(subject);
    if (principal === undefined) throw notFound(`There is no user '${subject}'`);
    return this.tell(principal);
  }

  @Patch(':subject')
  @ApiOperation({ summary: "Override a user's tier, block or unblock them", operationId: 'updateUser' })
  @ApiResponse({
    status: 200,
    description: 'The user as decided, in force on this replica',
    standardSchema: userSchema,
  })
  @ErrorResponses(400, 401, 403, 404, 413, 415)
  async change(
    @Param('subject') subject: string,
    @Body({ schema: userChangeSchema }) { tier, blocked }: z.output<typeof userChangeSchema>,
  ): Promise<User> {
    if (typeof tier === 'string' && (await this.store.find(tier)) === undefined)
      throw invalidRequest(`There is no tier '${tier}'`, 'tier');
    return this.tell(await this.principals.decide(subject, { tierOverride: tier, blocked }));
  }

  private tell(principal: Principal): User {
    const { subject, username, groups, tierOverride, blocked } = principal;
    return {
      subject,
      username,
      groups: [...groups],
      tier: this.tiers.resolve(principal)?.tier.name ?? null,
      tierOverride,
      blocked,
    };
  }
}
