import {
  applyDecorators,
  Controller,
  HttpCode,
  Post,
  Req,
  Res,
  type Type,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokenGuard } from '../auth/index.js';
import { type Endpoint, ModelAccessGuard, modelParam, RequestBodyGuard, Serves } from '../models/index.js';
import { Direct } from '../platform/direct/index.js';
import { readsOwnBody } from '../platform/http/index.js';
import { ErrorResponses, MessagesErrorResponses } from '../platform/openapi/index.js';
import { TierThrottlerGuard, TokenQuotaGuard } from '../tiers/index.js';
import { LedgerGuard } from '../usage/index.js';
import { DataPlaneErrorFilter } from './data-plane-error.filter.js';
import type { EndpointDocument } from './documents/index.js';
import { Forwarder } from './forwarder.service.js';
import { UpstreamGuard } from './routing/upstream.guard.js';

/** What may be refused, in the words of the endpoint's API; who uses that may also send the token in its way. */
const refusals = ({ capability }: Endpoint): MethodDecorator =>
  capability === 'messages'
    ? applyDecorators(
        ApiSecurity('apiKey'),
        MessagesErrorResponses(400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504),
      )
    : ErrorResponses(400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504);

/** Forms are read as they come, which is Fastify's to begin. */
const servedDirectly = ({ body }: Endpoint): ClassDecorator => applyDecorators(...(body === 'json' ? [Direct()] : []));

const documented = ({ endpoint, request, answer }: EndpointDocument, operationId: string, summary: string) =>
  applyDecorators(
    HttpCode(200),
    Serves(endpoint),
    RouteConfig(readsOwnBody(endpoint.body)),
    ApiOperation({ summary, operationId, requestBody: { required: true, content: request } }),
    ApiResponse({ status: 200, description: 'The answer; as events where the request asks for them', content: answer }),
    refusals(endpoint),
  );

/**
 * The routes of an endpoint of the data plane, with the model in the path or in the body. The guards stand in the order
 * in which a request meets them; each owns its refusal.
 */
export function endpointController(document: EndpointDocument): Type<unknown> {
  const { endpoint, operation, summary, tag } = document;

  @ApiTags(tag)
  @ApiBearerAuth()
  @Controller()
  @servedDirectly(endpoint)
  @UseFilters(DataPlaneErrorFilter)
  @UseGuards(
    AccessTokenGuard,
    ModelAccessGuard,
    RequestBodyGuard,
    UpstreamGuard,
    TierThrottlerGuard,
    TokenQuotaGuard,
    LedgerGuard,
  )
  class EndpointController {
    constructor(private readonly forwarder: Forwarder) {}

    @Post(`:model/v1/${endpoint.path}`)
    @documented(document, `createModel${operation}`, `${summary} a model`)
    @modelParam()
    ofModel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.forwarder.forward(request, reply);
    }

    @Post(`v1/${endpoint.path}`)
    @documented(document, `create${operation}`, `${summary} the model that the body names`)
    ofNamedModel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.forwarder.forward(request, reply);
    }
  }

  return EndpointController;
}
