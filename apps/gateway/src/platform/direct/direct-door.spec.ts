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
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BodyReader, HeldBytes } from '../bodies/index.js';
import { ENVIRONMENT } from '../config/index.js';
import { CorsOrigins } from '../cors/index.js';
import type { DirectReply } from './direct-reply.js';
import type { DirectRequest } from './direct-request.js';
import { Direct } from './direct.decorator.js';
import { DirectDoor } from './direct-door.service.js';
import { DirectRoutes } from './direct-routes.service.js';

let passed: string[] = [];

class First implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { params, body } = context.switchToHttp().getRequest<DirectRequest>();
    passed.push(`first ${JSON.stringify(params)}`);
    if (body === undefined) throw new Error('the body is still to come');
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

const answer = ({ raw }: DirectReply, text: string): void => {
  raw.writeHead(200, ['content-length', String(text.length)]);
  raw.end(Buffer.from(text));
};

@Direct()
@Controller()
@UseGuards(First, Second)
@UseFilters(Filter)
class Echoes {
  @Post('v1/echo')
  echo({ body }: DirectRequest, reply: DirectReply): void {
    if (String(body).includes('broken')) throw new Error('the handler broke');
    answer(reply.hijack(), `echo ${String(body)}`);
  }

  @Post(':model/v1/echo')
  ofModel({ params }: DirectRequest, reply: DirectReply): void {
    answer(reply, (params as { model: string }).model);
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

async function doorOf(controller: Type<unknown>): Promise<DirectDoor> {
  @Module({
    imports: [DiscoveryModule],
    controllers: [controller],
    providers: [
      DirectDoor,
      DirectRoutes,
      MetadataScanner,
      {
        provide: ENVIRONMENT,
        useValue: { MAAS_PLAIN_HTTP: 'on', MAAS_MAX_BODY_BYTES: 1_000_000, MAAS_CORS_ORIGINS: new CorsOrigins([]) },
      },
      { provide: BodyReader, useValue: new BodyReader(new HeldBytes(1024 * 1024), 0) },
    ],
  })
  class Spec {}
  return (await NestFactory.createApplicationContext(Spec, { logger: false, abortOnError: false })).get(DirectDoor);
}

interface Answered {
  status: number | undefined;
  failed: unknown;
  text: string;
}

/** @param connection `keep-alive` is plain, and with `close` node:http reads the request */
async function post(
  server: Server,
  path: string,
  body: string,
  headers: Record<string, string>,
  connection: string,
): Promise<Answered> {
  const { port } = server.address() as AddressInfo;
  const sent = request({
    port,
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json', connection, ...headers },
  });
  sent.end(body);
  const [answered] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answered.setEncoding('utf8')) text += String(chunk);
  return { status: answered.statusCode, failed: answered.headers['x-failed'], text };
}

describe.each([
  ['plainly', 'keep-alive'],
  ['by node:http', 'close'],
])('direct routes, of what comes %s,', (_way, connection) => {
  let server: Server;
  let door: DirectDoor;
  const send = (path: string, body: string, headers: Record<string, string> = {}) =>
    post(server, path, body, { 'content-length': String(Buffer.byteLength(body)), ...headers }, connection);

  beforeAll(async () => {
    server = createServer((_request, response) => response.end('behind'));
    door = await doorOf(Echoes);
    door.standBefore(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => (passed = []));
  afterAll(() => {
    server.close();
    door.destroy();
  });

  it('pass the guards in the order of their decorator, and then the handler', async () => {
    expect(await send('/v1/echo', '{}')).toMatchObject({ text: 'echo {}' });
    expect(passed).toEqual(['first {}', 'second']);
  });

  it('have the parameter of their path', async () => {
    expect(await send('/qwen3/v1/echo', '{}')).toMatchObject({ text: 'qwen3' });
    expect(passed).toEqual(['first {"model":"qwen3"}', 'second']);
  });

  it.each([
    ['"throws"', 'the first guard threw', 1],
    ['"refused"', 'This is not allowed', 1],
    ['"later"', 'This is not allowed', 2],
  ])('are answered by their filter where a guard says no: %s', async (body, told, guards) => {
    expect(await send('/v1/echo', body)).toEqual({ status: 418, failed: 'yes', text: JSON.stringify({ told }) });
    expect(passed).toHaveLength(guards);
  });

  it('are passed by a long body before it is read', async () => {
    const long = '1'.repeat(70_000);
    expect(await send('/v1/echo', long)).toEqual({
      status: 418,
      failed: 'yes',
      text: JSON.stringify({ told: 'the body is still to come' }),
    });
    expect(await send('/v1/echo', '{}')).toMatchObject({ text: 'echo {}' });
  });

  it('break off the connection where even the filter throws, and live on', async () => {
    await expect(send('/v1/echo', '"broken"')).rejects.toThrow('socket hang up');
    expect(await send('/v1/echo', '{}')).toMatchObject({ text: 'echo {}' });
  });

  it.each<[string, string, string, Record<string, string>]>([
    ['another path', '/v1/other', '{}', {}],
    ['a query', '/v1/echo?x=1', '{}', {}],
    ['a segment that is escaped', '/qwen%33/v1/echo', '{}', {}],
    ['another kind of body', '/v1/echo', '{}', { 'content-type': 'text/plain' }],
    ['a body that is encoded', '/v1/echo', '{}', { 'content-encoding': 'gzip' }],
    ['no body', '/v1/echo', '', {}],
  ])('leave to who listens behind them: %s', async (_what, path, body, headers) => {
    expect(await send(path, body, headers)).toMatchObject({ text: 'behind' });
    expect(passed).toEqual([]);
  });
});

describe('direct routes', () => {
  it('are not made of a controller that has interceptors', async () => {
    const door = await doorOf(Intercepted);
    expect(() => door.standBefore(createServer())).toThrow('Intercepted is direct, and has __interceptors__');
  });
});
