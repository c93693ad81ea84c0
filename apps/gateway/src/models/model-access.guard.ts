import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Tiers } from '../tiers/index.js';
import type { CatalogModel } from './catalog-model.js';
import type { Endpoint } from './endpoint.js';
import { ModelAccess } from './model-access.js';
import { Serves } from './serves.decorator.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `ModelAccessGuard`, where the handler says which it serves. */
    endpoint?: Endpoint;
    /** Set by `ModelAccessGuard` where the path names one, else by `RequestBodyGuard`. */
    model?: CatalogModel;
  }
}

/**
 * Admits a caller to the model of the path, by the request's head alone: what the caller may not use is refused before the
 * body is read. It runs after AccessTokenGuard and sets the request's tier, limits, endpoint and model.
 */
@Injectable()
export class ModelAccessGuard implements CanActivate {
  /** By handler: what its decorator says is looked up once. */
  private readonly endpoints = new WeakMap<object, Endpoint>();

  constructor(
    private readonly access: ModelAccess,
    private readonly tiers: Tiers,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { model?: string } }>>();
    if (request.principal === undefined) throw new Error('ModelAccessGuard runs after AccessTokenGuard');
    const tier = this.tiers.resolve(request.principal)?.tier;
    request.endpoint = this.endpointOf(context);
    request.tier = tier;
    request.limits = tier?.limits;
    const pathModel = request.params.model;
    if (pathModel !== undefined) this.access.allow(request, pathModel);
    // Without a tier there is no model that the body could name.
    else this.tiers.require(request.principal);
    return true;
  }

  private endpointOf(context: ExecutionContext): Endpoint | undefined {
    const handler = context.getHandler();
    const known = this.endpoints.get(handler);
    if (known !== undefined) return known;
    const served = this.reflector.get(Serves, handler) as Endpoint | undefined;
    if (served !== undefined) this.endpoints.set(handler, served);
    return served;
  }
}
