import { Controller, Head, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessTokenGuard } from '../auth/index.js';
import { LimitHeadersInterceptor, ModelAccessGuard, modelParam } from '../models/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { DataPlaneErrorFilter } from './data-plane-error.filter.js';

const LEFT_OF_MODEL = 'What is left of the limits, as x-ratelimit headers; uses nothing up';
const LEFT_OF_ALL = 'What is left of the limits of all models';

/** What is left of the caller's limits, without using any of them up. */
@ApiTags('Completions')
@ApiBearerAuth()
@Controller()
@UseFilters(DataPlaneErrorFilter)
@UseGuards(AccessTokenGuard, ModelAccessGuard)
@UseInterceptors(LimitHeadersInterceptor)
export class LimitsController {
  @Head(':model/v1/chat/completions')
  @ApiOperation({ summary: LEFT_OF_MODEL, operationId: 'headModelChatCompletion' })
  @modelParam()
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403, 404)
  chatOfModel(): void {
    // The interceptor has said it all.
  }

  @Head(':model/v1/completions')
  @ApiOperation({ summary: LEFT_OF_MODEL, operationId: 'headModelCompletion' })
  @modelParam()
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403, 404)
  completionOfModel(): void {
    // The interceptor has said it all.
  }

  @Head('v1/chat/completions')
  @ApiOperation({ summary: LEFT_OF_ALL, operationId: 'headChatCompletion' })
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403)
  chat(): void {
    // The interceptor has said it all.
  }

  @Head('v1/completions')
  @ApiOperation({ summary: LEFT_OF_ALL, operationId: 'headCompletion' })
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403)
  completion(): void {
    // The interceptor has said it all.
  }
}
