import { Controller, HttpCode, Post, Req, Res, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokenGuard } from '../auth/index.js';
import { ModelAccessGuard, modelParam } from '../models/index.js';
import { ErrorResponses } from '../platform/openapi/index.js';
import { TierThrottlerGuard, TokenQuotaGuard } from '../tiers/index.js';
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
