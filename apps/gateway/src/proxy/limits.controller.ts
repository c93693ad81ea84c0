import { applyDecorators, Controller, Head, type Type, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessTokenGuard } from '../auth/index.js';
import { type Endpoint, LimitHeadersInterceptor, ModelAccessGuard, modelParam, Serves } from '../models/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { DataPlaneErrorFilter } from './data-plane-error.filter.js';
import type { EndpointDocument } from './documents/index.js';

const documented = (endpoint: Endpoint, operationId: string, summary: string) =>
  applyDecorators(
    Serves(endpoint),
    ApiOperation({ summary, operationId }),
    ApiResponse({ status: 200, description: 'The headers' }),
  );

/** What is left of the caller's limits at an endpoint, without using any of them up. */
export function limitsController({ endpoint, operation, tag }: EndpointDocument): Type<unknown> {
  @ApiTags(tag)
  @ApiBearerAuth()
  @Controller()
  @UseFilters(DataPlaneErrorFilter)
  @UseGuards(AccessTokenGuard, ModelAccessGuard)
  @UseInterceptors(LimitHeadersInterceptor)
  class LimitsController {
    @Head(`:model/v1/${endpoint.path}`)
    @documented(
      endpoint,
      `headModel${operation}`,
      'What is left of the limits, as x-ratelimit headers; uses nothing up',
    )
    @modelParam()
    @ErrorResponses(401, 403, 404, 503)
    ofModel(): void {
      // The interceptor has said it all.
    }

    @Head(`v1/${endpoint.path}`)
    @documented(endpoint, `head${operation}`, 'What is left of the limits of all models')
    @ErrorResponses(401, 403, 503)
    ofAll(): void {
      // The interceptor has said it all.
    }
  }

  return LimitsController;
}
