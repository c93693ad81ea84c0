import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { invalidRequest, modelAccessDenied, modelNotFound, notFound } from '../platform/errors/index.js';
import { Tiers } from '../tiers/index.js';
import type { CatalogModel } from './catalog-model.js';
import { Catalog } from './catalog.service.js';
import type { Endpoint } from './endpoint.js';
import { type ModelRequest, parseModelRequest } from './model-request.js';
import { demandOf } from './request-demand.js';
import { Serves } from './serves.decorator.js';
import { refuseStored } from './stored-response.js';
import { Upload } from './upload.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `ModelAccessGuard`, where the handler says which it serves. */
    endpoint?: Endpoint;
    /** Set by `ModelAccessGuard`, where path or body name one. */
    model?: CatalogModel;
    /** The body, read; set by `ModelAccessGuard`. */
    modelRequest?: ModelRequest;
    /** The body of an endpoint that takes forms, which is still to come; set by `ModelAccessGuard`. */
    upload?: Upload;
  }
}

/** Where the path names the model, a form is read so far to see whether its own is another. */
const AHEAD_BYTES = 64 * 1024;

/**
 * Lets a caller through to a model of their tier. What the caller may not use is refused before their body is read.
 * It runs after AccessTokenGuard and sets the request's tier, limits, model, and what the body comes to.
 */
@Injectable()
export class ModelAccessGuard implements CanActivate {
  /** By handler: what its decorator says is looked up once. */
  private readonly endpoints = new WeakMap<object, Endpoint>();

  constructor(
    private readonly catalog: Catalog,
    private readonly tiers: Tiers,
    private readonly reflector: Reflector,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Synchronous but for forms, which are read as they come. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest<{ Params: { model?: string } }>>();
    if (request.principal === undefined) throw new Error('ModelAccessGuard runs after AccessTokenGuard');
    const tier = this.tiers.resolve(request.principal)?.tier;
    const endpoint = this.endpointOf(context);
    request.endpoint = endpoint;
    request.tier = tier;
    request.limits = tier?.limits;
    const pathModel = request.params.model;
    if (pathModel !== undefined) this.allow(request, pathModel);
    // Without a tier there is no model to be named.
    else this.tiers.require(request.principal);
    if (endpoint === undefined || request.method === 'HEAD') return true;
    if (endpoint.body === 'form') return this.admitForm(request, endpoint, http.getResponse<FastifyReply>());
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const modelRequest = parseModelRequest(bytes);
    const model = request.model ?? this.allow(request, modelRequest.model);
    if (modelRequest.model !== model.id && !model.aliases.includes(modelRequest.model)) {
      throw invalidRequest(`The body's model '${modelRequest.model}' is not the path's`, 'model');
    }
    if (endpoint.path === 'responses') refuseStored(modelRequest.body);
    return this.admit(request, endpoint, model, modelRequest, bytes.length);
  }

  private endpointOf(context: ExecutionContext): Endpoint | undefined {
    const handler = context.getHandler();
    const known = this.endpoints.get(handler);
    if (known !== undefined) return known;
    const served = this.reflector.get(Serves, handler) as Endpoint | undefined;
    if (served !== undefined) this.endpoints.set(handler, served);
    return served;
  }

  private async admitForm(request: FastifyRequest, endpoint: Endpoint, reply: FastifyReply): Promise<boolean> {
    const { MAAS_MAX_UPLOAD_BYTES, MAAS_MAX_BODY_BYTES } = this.environment;
    const upload = new Upload(request.raw, reply.raw, MAAS_MAX_UPLOAD_BYTES);
    request.upload = upload;
    await upload.readAhead(request.model === undefined ? MAAS_MAX_BODY_BYTES : AHEAD_BYTES);
    const model = request.model ?? this.allow(request, upload.requireModel());
    upload.allow([model.id, ...model.aliases]);
    const modelRequest = {
      settings: {},
      body: {},
      model: upload.model ?? model.id,
      stream: upload.streamed,
      outputCap: null,
    };
    return this.admit(request, endpoint, model, modelRequest, upload.declaredBytes);
  }

  private admit(
    request: FastifyRequest,
    endpoint: Endpoint,
    model: CatalogModel,
    modelRequest: ModelRequest,
    bytes: number,
  ): true {
    request.modelRequest = modelRequest;
    request.demand = demandOf(model, modelRequest, { bytes, endpoint, strict: request.tier?.strict === true });
    return true;
  }

  private allow(request: FastifyRequest, name: string): CatalogModel {
    const model = this.catalog.get(name);
    if (model === undefined) throw modelNotFound(name);
    // Set before the refusal, which is counted by its model.
    request.model = model;
    if (request.principal !== undefined) this.tiers.require(request.principal);
    if (request.tier === undefined || model.tierLevel > request.tier.level) throw modelAccessDenied();
    const { endpoint } = request;
    if (endpoint !== undefined && !model.capabilities.includes(endpoint.capability))
      throw notFound(`The model '${model.id}' has no ${endpoint.path}`);
    return model;
  }
}
