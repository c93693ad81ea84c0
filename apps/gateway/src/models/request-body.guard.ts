import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyReader } from '../platform/bodies/index.js';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { invalidRequest } from '../platform/errors/index.js';
import type { CatalogModel } from './catalog-model.js';
import type { Endpoint } from './endpoint.js';
import { ModelAccess } from './model-access.js';
import './model-access.guard.js';
import { type ModelRequest, readModelRequest } from './model-request.js';
import { UNBOUNDED } from './prompt-bound.js';
import { demandOf } from './request-demand.js';
import { Upload } from './upload.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the body asks for; set by `RequestBodyGuard`. */
    modelRequest?: ModelRequest;
    /** The body of an endpoint that takes forms, which is still to come; set by `RequestBodyGuard`. */
    upload?: Upload;
  }
}

/** Where the path names the model, a form is read so far to see whether its own is another. */
const AHEAD_BYTES = 64 * 1024;
const NO_BYTES = Buffer.alloc(0);

/**
 * Reads the body of a request, admits the caller to the model that it names, and sets what the request may come to. It runs
 * after ModelAccessGuard, so that a body of more than 64 KiB is read only for callers who may use the path's model.
 */
@Injectable()
export class RequestBodyGuard implements CanActivate {
  constructor(
    private readonly access: ModelAccess,
    private readonly bodies: BodyReader,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Synchronous for a body that is in memory and short, as most are. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { endpoint, body } = request;
    if (endpoint === undefined) throw new Error('RequestBodyGuard runs after ModelAccessGuard');
    if (endpoint.body === 'form') return this.admitForm(request, endpoint, http.getResponse<FastifyReply>());
    if (Buffer.isBuffer(body)) return this.readAndAdmit(request, endpoint, body);
    // A request without a body has nothing to be read from.
    if (body === undefined && request.raw.headers['content-length'] === undefined)
      return this.readAndAdmit(request, endpoint, NO_BYTES);
    return this.receive(request, endpoint, http.getResponse<FastifyReply>());
  }

  private async receive(request: FastifyRequest, endpoint: Endpoint, reply: FastifyReply): Promise<boolean> {
    const body = await this.bodies.read(request.raw, this.environment.MAAS_MAX_BODY_BYTES);
    reply.raw.once('close', () => body.release());
    request.body = body.bytes;
    return this.readAndAdmit(request, endpoint, body.bytes);
  }

  private readAndAdmit(request: FastifyRequest, endpoint: Endpoint, bytes: Buffer): boolean | Promise<boolean> {
    const read = readModelRequest(bytes, { endpoint, strict: request.tier?.strict === true });
    return read instanceof Promise
      ? read.then(later => this.admitJson(request, endpoint, later, bytes.length))
      : this.admitJson(request, endpoint, read, bytes.length);
  }

  private admitJson(request: FastifyRequest, endpoint: Endpoint, modelRequest: ModelRequest, bytes: number): true {
    const named = modelRequest.model;
    const model = request.model ?? this.access.allow(request, requireModel(named));
    if (named !== undefined && named !== model.id && !model.aliases.includes(named))
      throw invalidRequest(`The body's model '${named}' is not the path's`, 'model');
    return this.admit(request, endpoint, model, modelRequest, bytes);
  }

  private async admitForm(request: FastifyRequest, endpoint: Endpoint, reply: FastifyReply): Promise<boolean> {
    const { MAAS_MAX_UPLOAD_BYTES, MAAS_MAX_BODY_BYTES } = this.environment;
    const limits = { maxBytes: MAAS_MAX_UPLOAD_BYTES, bodies: this.bodies };
    const upload = new Upload(request.raw, reply.raw, limits, request.model?.id);
    request.upload = upload;
    await upload.readAhead(request.model === undefined ? MAAS_MAX_BODY_BYTES : AHEAD_BYTES);
    const model = request.model ?? this.access.allow(request, upload.requireModel());
    upload.allow([model.id, ...model.aliases]);
    const modelRequest = {
      settings: {},
      layout: undefined,
      model: upload.model ?? model.id,
      stream: upload.streamed,
      outputCap: null,
      promptCount: 1,
      promptBound: UNBOUNDED,
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
}

/** @throws ApiError 400 where neither the path nor the body names a model */
function requireModel(name: string | undefined): string {
  if (name === undefined) throw invalidRequest('model is required', 'model');
  return name;
}
