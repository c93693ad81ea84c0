import { Controller, Delete, HttpCode, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound } from '../platform/errors/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { AccessTokens } from './access-token.service.js';
import { AdminGuard } from './admin.guard.js';
import { Principals } from './principals.service.js';

@ApiTags('Administration')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('maas-api/v1/admin/users')
export class AdminTokensController {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
  ) {}

  @Delete(':subject/tokens')
  @HttpCode(204)
  @ApiOperation({ summary: "Revoke all of a user's tokens", operationId: 'revokeUserTokens' })
  @ApiResponse({ status: 204, description: 'Every access token of that user is dead' })
  @ErrorResponses(401, 403, 404)
  async revokeAll(@Param('subject') subject: string): Promise<void> {
    if ((await this.principals.load(subject)) === undefined) throw notFound(`There is no user '${subject}'`);
    await this.tokens.revokeAll(subject);
  }
}
