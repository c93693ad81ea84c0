import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { pageOf } from '../platform/http/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { AccessTokens } from './access-token.service.js';
import { CallerGuard } from './caller.guard.js';
import { IdentityGuard } from './identity.guard.js';
import { principalOf } from './principal.js';
import { MintThrottlerGuard } from './throttling/index.js';
import { issuedListSchema, issuedQuerySchema, mintedSchema, mintSchema } from './token.schemas.js';

@ApiTags('Tokens')
@ApiBearerAuth()
@Controller('maas-api/v1/tokens')
export class TokensController {
  constructor(private readonly tokens: AccessTokens) {}

  @Post()
  @UseGuards(IdentityGuard, MintThrottlerGuard)
  @ApiOperation({ summary: 'Issue an access token', operationId: 'createToken' })
  @ApiBody({ required: false })
  @ApiResponse({ status: 201, description: 'The token, shown this once', standardSchema: mintedSchema })
  @ErrorResponses(400, 401, 403, 413, 415, 429)
  mint(@Req() request: FastifyRequest, @Body({ schema: mintSchema }) body: z.output<typeof mintSchema>) {
    return this.tokens.mint(principalOf(request), body ?? {});
  }

  @Get()
  @UseGuards(CallerGuard)
  @ApiOperation({ summary: 'List your live tokens', operationId: 'listTokens' })
  @ApiResponse({ status: 200, description: 'Newest first', standardSchema: issuedListSchema })
  @ErrorResponses(400, 401, 403)
  async list(
    @Req() request: FastifyRequest,
    @Query({ schema: issuedQuerySchema }) { limit, after }: z.output<typeof issuedQuerySchema>,
  ): Promise<z.output<typeof issuedListSchema>> {
    const found = await this.tokens.list(principalOf(request).subject, limit, after);
    const times = found.map(({ jti, name, issuedAt, expiresAt, lastUsedAt }) => ({
      jti,
      name,
      issuedAt: issuedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
    }));
    return pageOf(times, limit);
  }

  @Delete()
  @HttpCode(204)
  @UseGuards(CallerGuard)
  @ApiOperation({ summary: 'Revoke all your tokens', operationId: 'revokeTokens' })
  @ApiResponse({ status: 204, description: 'Every access token of yours is dead' })
  @ErrorResponses(401, 403)
  async revokeAll(@Req() request: FastifyRequest): Promise<void> {
    await this.tokens.revokeAll(principalOf(request).subject);
  }

  @Delete(':jti')
  @HttpCode(204)
  @UseGuards(CallerGuard)
  @ApiOperation({ summary: 'Revoke one of your tokens', operationId: 'revokeToken' })
  @ApiResponse({ status: 204, description: 'The token is dead' })
  @ErrorResponses(401, 403, 404)
  async revokeOne(@Req() request: FastifyRequest, @Param('jti') jti: string): Promise<void> {
    await this.tokens.revokeOne(principalOf(request).subject, jti);
  }
}
