import { Controller, Head, HttpCode, Post, Req, Res, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokenGuard } from '../auth/index.js';
import { ModelAccessGuard } from '../models/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { Quota, rateLimitHeaders, TierThrottlerGuard, TokenQuotaGuard } from '../tiers/index.js';
import { UsageInterceptor } from '../usage/index.js';
import {
  chatAnswerSchema,
  chatRequestSchema,
  completionAnswerSchema,
  completionRequestSchema,
  STREAM_EXAMPLE,
} from './completion.schemas.js';
import { DataPlaneErrorFilter } from './data-plane-error.filter.js';
import { Forwarder } from './forwarder.service.js';

const modelParam = () =>
  ApiParam({ name: 'model', description: 'The id of a model', example: 'simulator', schema: { type: 'string' } });
const refusals = () => ErrorResponses(400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504);
const answers = (standardSchema: typeof chatAnswerSchema | typeof completionAnswerSchema) =>
  ApiResponse({
    status: 200,
    description: 'The answer; server-sent events where `stream` is true',
    content: {
      'application/json': {
        schema: standardSchema.toJSONSchema() as object,
        example: standardSchema.meta()?.['example'],
      },
      'text/event-stream': { schema: { type: 'string' }, example: STREAM_EXAMPLE },
    },
  });
const asks = (schema: typeof chatRequestSchema | typeof completionRequestSchema) =>
  ApiBody({ required: true, schema: schema.toJSONSchema({ io: 'input' }) as object });

/** The data plane. The guards stand in the order in which a request meets them; each owns its refusal. */
@ApiTags('Completions')
@ApiBearerAuth()
@Controller()
@UseFilters(DataPlaneErrorFilter)
@UseGuards(AccessTokenGuard, ModelAccessGuard, TierThrottlerGuard, TokenQuotaGuard)
@UseInterceptors(UsageInterceptor)
export class CompletionsController {
  constructor(private readonly forwarder: Forwarder) {}

  @Post(':model/v1/chat/completions')
  @HttpCode(200)
  @ApiOperation({ summary: 'Chat with a model', operationId: 'createModelChatCompletion' })
  @modelParam()
  @asks(chatRequestSchema)
  @answers(chatAnswerSchema)
  @refusals()
  chatOfModel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'chat/completions');
  }

  @Post(':model/v1/completions')
  @HttpCode(200)
  @ApiOperation({ summary: 'Complete a text with a model', operationId: 'createModelCompletion' })
  @modelParam()
  @asks(completionRequestSchema)
  @answers(completionAnswerSchema)
  @refusals()
  completionOfModel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'completions');
  }

  @Post('v1/chat/completions')
  @HttpCode(200)
  @ApiOperation({ summary: 'Chat with the model that the body names', operationId: 'createChatCompletion' })
  @asks(chatRequestSchema)
  @answers(chatAnswerSchema)
  @refusals()
  chat(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'chat/completions');
  }

  @Post('v1/completions')
  @HttpCode(200)
  @ApiOperation({ summary: 'Complete a text with the model that the body names', operationId: 'createCompletion' })
  @asks(completionRequestSchema)
  @answers(completionAnswerSchema)
  @refusals()
  completion(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'completions');
  }
}

const LEFT_OF_MODEL = 'What is left of the limits, as x-ratelimit headers; uses nothing up';
const LEFT_OF_ALL = 'What is left of the limits of all models';

/** What is left of the caller's limits, without using any of them up. */
@ApiTags('Completions')
@ApiBearerAuth()
@Controller()
@UseFilters(DataPlaneErrorFilter)
@UseGuards(AccessTokenGuard, ModelAccessGuard)
export class LimitsController {
  constructor(private readonly quota: Quota) {}

  @Head(':model/v1/chat/completions')
  @ApiOperation({ summary: LEFT_OF_MODEL, operationId: 'headModelChatCompletion' })
  @modelParam()
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403, 404)
  chatOfModel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.tell(request, reply);
  }

  @Head(':model/v1/completions')
  @ApiOperation({ summary: LEFT_OF_MODEL, operationId: 'headModelCompletion' })
  @modelParam()
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403, 404)
  completionOfModel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.tell(request, reply);
  }

  @Head('v1/chat/completions')
  @ApiOperation({ summary: LEFT_OF_ALL, operationId: 'headChatCompletion' })
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403)
  chat(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.tell(request, reply);
  }

  @Head('v1/completions')
  @ApiOperation({ summary: LEFT_OF_ALL, operationId: 'headCompletion' })
  @ApiResponse({ status: 200, description: 'The headers' })
  @ErrorResponses(401, 403)
  completion(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.tell(request, reply);
  }

  private tell({ principal, limits, model }: FastifyRequest, reply: FastifyReply): void {
    const states = this.quota.describe(principal?.subject ?? '', limits ?? []);
    void reply
      .status(200)
      .headers(rateLimitHeaders(states, model?.id ?? ''))
      .send();
  }
}
