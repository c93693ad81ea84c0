import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Module,
  type NestInterceptor,
  Post,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { DiscoveryModule, MetadataScanner, NestFactory } from '@nestjs/core';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENVIRONMENT } from '../config/index.js';
import type { DirectReply } from './direct-reply.js';
import type { DirectRequest } from './direct-request.js';
import { Direct } from './direct.decorator.js';
import { DirectRoutes } from './direct-routes.service.js';

let passed: string[] = [];

class First implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { params, body } = context.switchToHttp().getRequest<DirectRequest>();
    passed.push(`first ${JSON.stringify(params)}`);
    const wish = body.toString();
    if (wish.includes('throws')) throw new Error('the first guard threw');
    return !wish.includes('refused');
  }
}

class Second implements CanActivate {
  canActivate(context: ExecutionContext): Promise<boolean> {
    passed.push('second');
    return Promise.resolve(!context.switchToHttp().getRequest<{ body: Buffer }>().body.toString().includes('later'));
  }
}

@Catch()
class Filter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    if (error.message.includes('handler')) throw new Error('the filter threw too');
    host.switchToHttp().getResponse<DirectReply>().status(418).header('x-failed', 'yes').send({ told: error.message });
  }
}

class Interceptor implements NestInterceptor {
  intercept(): never {
    throw new Error('no direct route has interceptors');
  }
}

@Direct()
@Controller()
@UseGuards(First, Second)
@UseFilters(Filter)
class Echoes {
  @Post('v1/echo')
  echo({ body }: DirectRequest, reply: DirectReply): void {
    if (body.toString().includes('broken')) throw new Error('the handler broke');
    reply.hijack().raw.end(`echo ${body.toString()}`);
  }

  @Post(':model/v1/echo')
  ofModel({ params }: DirectRequest, reply: DirectReply): void {
    reply.raw.end((params as { model: string }).model);
  }
}

@Direct()
@Controller()
@UseInterceptors(Interceptor)
@UseFilters(Filter)
class Intercepted {
  @Post('v1/intercepted')
  never(): void {
    // Nothing comes here.
  }
}

async function routesOf(controller: Type<unknown>): Promise<DirectRoutes> {
  @Module({
    imports: [DiscoveryModule],
    controllers: [controller],
    providers: [DirectRoutes, MetadataScanner, { provide: ENVIRONMENT, useValue: { MAAS_MAX_BODY_BYTES: 100 } }],
  })
  class Spec {}
  return (await NestFactory.createApplicationContext(Spec, { logger: false, abortOnError: false })).get(DirectRoutes);
}

describe('direct routes', () => {
  let server: Server;
  const send = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  beforeAll(async () => {
    server = createServer((_request, response) => response.end('behind'));
    (await routesOf(Echoes)).standBefore(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => (passed = []));
  afterAll(() => server.close());

  it('pass the guards in the order of their decorator, and then the handler', async () => {
    expect(await (await send('/v1/echo', '{}')).text()).toBe('echo {}');
    expect(passed).toEqual(['first {}', 'second']);
  });

  it('have the parameter of their path', async () => {
    expect(await (await send('/qwen3/v1/echo', '{}')).text()).toBe('qwen3');
    expect(passed).toEqual(['first {"model":"qwen3"}', 'second']);
  });

  it.each([
    ['"throws"', 'the first guard threw', 1],
    ['"refused"', 'This is not allowed', 1],
    ['"later"', 'This is not allowed', 2],
  ])('are answered by their filter where a guard says no: %s', async (body, told, guards) => {
    const answer = await send('/v1/echo', body);
    expect([answer.status, answer.headers.get('x-failed'), await answer.json()]).toEqual([418, 'yes', { told }]);
    expect(passed).toHaveLength(guards);
  });

  it('break off the connection where even the filter throws, and live on', async () => {
    await expect(send('/v1/echo', '"broken"')).rejects.toThrow('fetch failed');
    expect(await (await send('/v1/echo', '{}')).text()).toBe('echo {}');
  });

  it.each<[string, string, string, Record<string, string>]>([
    ['another path', '/v1/other', '{}', {}],
    ['a query', '/v1/echo?x=1', '{}', {}],
    ['a segment that is escaped', '/qwen%33/v1/echo', '{}', {}],
    ['another kind of body', '/v1/echo', '{}', { 'content-type': 'text/plain' }],
    ['a body that is encoded', '/v1/echo', '{}', { 'content-encoding': 'gzip' }],
    ['no body', '/v1/echo', '', {}],
    ['a body that is too large', '/v1/echo', 'x'.repeat(101), {}],
  ])('leave to who listens behind them: %s', async (_what, path, body, headers) => {
    expect(await (await send(path, body, headers)).text()).toBe('behind');
    expect(passed).toEqual([]);
  });

  it('are not made of a controller that has interceptors', async () => {
    const routes = await routesOf(Intercepted);
    expect(() => routes.standBefore(createServer())).toThrow('Intercepted is direct, and has __interceptors__');
  });
});
