import { type CanActivate, type ExceptionFilter, Inject, Injectable, RequestMethod, type Type } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { ENVIRONMENT, type Environment } from '../config/index.js';
import { requestIdOf } from '../http/index.js';
import { Direct } from './direct.decorator.js';
import { DirectRequest } from './direct-request.js';
import { type DirectController, type DirectHandler, DirectRoute } from './direct-route.js';

type Wrapper = ReturnType<DiscoveryService['getControllers']>[number];

/** A first segment that is written as it is meant: whatever else a path may be written like is for the router. */
const PLAIN_SEGMENT = /^\/[\w.-]+$/;
const PARAM = /^:(\w+)\//;

interface Found {
  readonly route: DirectRoute;
  readonly params: Readonly<Record<string, string>>;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Serves the POST routes of controllers that are {@link Direct}. A request of a plain path, with a JSON body of known and
 * allowed length, goes from `node:http` through the guards to the handler; every other request goes to Fastify and Nest,
 * where the same controller has the same routes, guards and filter. Fastify and Nest's router take half of what a bare proxy
 * takes, and that is spared here (ADR 0017).
 */
@Injectable()
export class DirectRoutes {
  /** By path. */
  private readonly fixed = new Map<string, DirectRoute>();
  /** By what comes after a first segment that is a parameter. */
  private readonly parametric = new Map<string, { name: string; route: DirectRoute }>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Stands before whoever listens to the server's requests. Call it when all controllers have been made. */
  standBefore(server: Server): void {
    for (const wrapper of this.discovery.getControllers({ metadataKey: Direct.KEY })) this.add(wrapper);
    const behind = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      if (this.take(request, response)) return;
      for (const listener of behind) listener.call(server, request, response);
    });
  }

  private add(wrapper: Wrapper): void {
    const { instance, metatype } = wrapper as { instance: object; metatype: Type<unknown> };
    const prototype = metatype.prototype as object;
    const controller = controllerOf(wrapper);
    for (const method of this.scanner.getAllMethodNames(prototype)) {
      const handler = (instance as Record<string, DirectHandler | undefined>)[method];
      if (handler === undefined || Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.POST) continue;
      const path = Reflect.getMetadata(PATH_METADATA, handler) as string;
      const route = new DirectRoute(controller, handler);
      const [param, name] = PARAM.exec(path) ?? [];
      if (param === undefined || name === undefined) this.fixed.set(`/${path}`, route);
      else this.parametric.set(path.slice(param.length - 1), { name, route });
    }
  }

  /** @returns whether the request is served here */
  private take(raw: IncomingMessage, response: ServerResponse): boolean {
    const { headers, url = '' } = raw;
    if (raw.method !== 'POST' || headers['content-type'] !== 'application/json') return false;
    if (headers.host === undefined || headers['content-encoding'] !== undefined) return false;
    // Without a length, as in chunks, this is no number, and no comparison holds.
    const length = Number(headers['content-length']);
    if (!(length > 0 && length <= this.environment.MAAS_MAX_BODY_BYTES)) return false;
    const found = this.find(url);
    if (found === undefined) return false;
    const { route, params } = found;
    receive(raw, body => route.run(new DirectRequest(idOf(raw), raw, url, params, body), response));
    return true;
  }

  private find(url: string): Found | undefined {
    const fixed = this.fixed.get(url);
    if (fixed !== undefined) return { route: fixed, params: NO_PARAMS };
    const end = url.indexOf('/', 1);
    const parametric = this.parametric.get(url.slice(end));
    const segment = url.slice(0, end);
    if (parametric === undefined || !PLAIN_SEGMENT.test(segment)) return undefined;
    return { route: parametric.route, params: { [parametric.name]: segment.slice(1) } };
  }
}

const idOf = ({ headers }: IncomingMessage): string => requestIdOf(headers['x-request-id']);

/**
 * Node sees to it that a body is as long as was announced. One that breaks off has no end: its client has left, and has
 * asked for nothing.
 */
function receive(raw: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  raw.on('data', (chunk: Buffer) => chunks.push(chunk));
  raw.on('end', () => {
    const [only] = chunks;
    then(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  });
}

/** @throws Error where the controller has what a direct route would pass by */
function controllerOf({ instance, metatype, host }: Wrapper): DirectController {
  const type = metatype as Type<unknown>;
  const classesAt = (key: string): Type<unknown>[] =>
    (Reflect.getMetadata(key, type) as Type<unknown>[] | undefined) ?? [];
  for (const key of [INTERCEPTORS_METADATA, PIPES_METADATA])
    if (classesAt(key).length > 0) throw new Error(`${type.name} is direct, and has ${key}`);
  const made = <T>(of: Type<unknown>): T => {
    const found = host?.injectables.get(of)?.instance as T | undefined;
    if (found === undefined) throw new Error(`${of.name} of ${type.name} has not been made`);
    return found;
  };
  const [filter, ...others] = classesAt(EXCEPTION_FILTERS_METADATA);
  if (filter === undefined || others.length > 0) throw new Error(`${type.name} is direct, and has not one filter`);
  const guards = classesAt(GUARDS_METADATA).map(guard => made<CanActivate>(guard));
  return { type, instance: instance as object, guards, filter: made<ExceptionFilter>(filter) };
}
