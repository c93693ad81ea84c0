import { type CanActivate, type ExceptionFilter, Injectable, RequestMethod, type Type } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Direct } from './direct.decorator.js';
import { type DirectController, type DirectHandler, DirectRoute } from './direct-route.js';

type Wrapper = ReturnType<DiscoveryService['getControllers']>[number];

/** A first segment that is written as it is meant: whatever else a path may be written like is for the router. */
const PLAIN_SEGMENT = /^\/[\w.-]+$/;
const PARAM = /^:(\w+)\//;

/** Where a request goes. */
export interface FoundRoute {
  readonly route: DirectRoute;
  readonly params: Readonly<Record<string, string>>;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** The POST routes of controllers that are {@link Direct}, by their paths. */
@Injectable()
export class DirectRoutes {
  /** By path. */
  private readonly fixed = new Map<string, DirectRoute>();
  /** By what comes after a first segment that is a parameter. */
  private readonly parametric = new Map<string, { name: string; route: DirectRoute }>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Finds the routes of all controllers. Call it when these have been made. */
  collect(): void {
    for (const wrapper of this.discovery.getControllers({ metadataKey: Direct.KEY })) this.add(wrapper);
  }

  /** The route of a path, if it is written as it is meant. */
  find(url: string): FoundRoute | undefined {
    const fixed = this.fixed.get(url);
    if (fixed !== undefined) return { route: fixed, params: NO_PARAMS };
    const end = url.indexOf('/', 1);
    const parametric = this.parametric.get(url.slice(end));
    const segment = url.slice(0, end);
    if (parametric === undefined || !PLAIN_SEGMENT.test(segment)) return undefined;
    return { route: parametric.route, params: { [parametric.name]: segment.slice(1) } };
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
