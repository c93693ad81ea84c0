import type { ContextType, ExecutionContext, Type } from '@nestjs/common';
import type { DirectReply } from './direct-reply.js';
import type { DirectRequest } from './direct-request.js';

type HttpArguments = ReturnType<ExecutionContext['switchToHttp']>;

/**
 * What Nest tells guards and filters of where they are. Nest's own makes three functions each time that it is asked for the
 * request, and five guards and a filter ask.
 */
export class DirectContext implements ExecutionContext, HttpArguments {
  constructor(
    private readonly request: DirectRequest,
    private readonly reply: DirectReply,
    private readonly controller: Type<unknown>,
    private readonly handler: () => unknown,
  ) {}

  switchToHttp(): HttpArguments {
    return this;
  }

  getRequest<T>(): T {
    return this.request as T;
  }

  getResponse<T>(): T {
    return this.reply as T;
  }

  getNext<T>(): T {
    throw new Error('nothing comes after the handler of a direct route');
  }

  getClass<T>(): Type<T> {
    return this.controller as Type<T>;
  }

  getHandler(): () => unknown {
    return this.handler;
  }

  getArgs<T extends unknown[]>(): T {
    return [this.request, this.reply] as unknown[] as T;
  }

  getArgByIndex<T>(index: number): T {
    return this.getArgs()[index] as T;
  }

  getType<T extends string = ContextType>(): T {
    return 'http' as T;
  }

  switchToRpc(): never {
    throw new Error('a direct route speaks HTTP');
  }

  switchToWs(): never {
    throw new Error('a direct route speaks HTTP');
  }
}
