import type { CanActivate, ExceptionFilter, Type } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { accessDenied } from '../errors/index.js';
import { DirectContext } from './direct-context.js';
import { DirectReply } from './direct-reply.js';
import type { DirectRequest } from './direct-request.js';

/** A handler that answers by itself. */
export type DirectHandler = (request: DirectRequest, reply: DirectReply) => Promise<void> | void;

/** What Nest has made of a controller's decorators. */
export interface DirectController {
  type: Type<unknown>;
  instance: object;
  /** In the order in which a request meets them. Each answers with a boolean, or a promise of one. */
  guards: readonly CanActivate[];
  /** Answers whatever guards and handler throw. */
  filter: ExceptionFilter;
}

/** One route, from its first guard to its handler. */
export class DirectRoute {
  constructor(
    private readonly controller: DirectController,
    private readonly handler: DirectHandler,
  ) {}

  run(request: DirectRequest, response: ServerResponse): void {
    const reply = new DirectReply(response);
    const context = new DirectContext(request, reply, this.controller.type, this.handler as () => unknown);
    this.pass(0, context, request, reply);
  }

  /** Goes on at a guard; without a promise as long as none of them makes one. */
  private pass(from: number, context: DirectContext, request: DirectRequest, reply: DirectReply): void {
    const { guards, instance } = this.controller;
    try {
      for (let at = from; at < guards.length; at++) {
        const allowed = guards[at]?.canActivate(context);
        if (allowed === true) continue;
        if (!(allowed instanceof Promise)) throw accessDenied('This is not allowed');
        allowed.then(
          later => (later === true ? this.pass(at + 1, context, request, reply) : this.refuse(context)),
          (error: unknown) => this.fail(error, context),
        );
        return;
      }
      this.handler.call(instance, request, reply)?.catch((error: unknown) => this.fail(error, context));
    } catch (error) {
      this.fail(error, context);
    }
  }

  private refuse(context: DirectContext): void {
    this.fail(accessDenied('This is not allowed'), context);
  }

  private fail(error: unknown, context: DirectContext): void {
    this.controller.filter.catch(error, context);
  }
}
