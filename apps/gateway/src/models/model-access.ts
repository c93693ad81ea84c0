import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { modelAccessDenied, modelNotFound, notFound } from '../platform/errors/index.js';
import { Tiers } from '../tiers/index.js';
import type { CatalogModel } from './catalog-model.js';
import { Catalog } from './catalog.service.js';

/** Decides whether a request may use a model. */
@Injectable()
export class ModelAccess {
  constructor(
    private readonly catalog: Catalog,
    private readonly tiers: Tiers,
  ) {}

  /**
   * Sets the request's model.
   * @param name an id or an alias
   * @returns the model
   * @throws ApiError 404 for an unknown model or one without the request's endpoint, 403 for one above the caller's tier
   */
  allow(request: FastifyRequest, name: string): CatalogModel {
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
