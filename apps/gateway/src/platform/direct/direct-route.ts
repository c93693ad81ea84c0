import { type CanActivate, type ExceptionFilter, Logger, type Type } from '@nestjs/common';
import { accessDenied, type ApiError } from '../errors/index.js';
import type { DirectAnswer } from './direct-answer.js';
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

const refused = (): ApiError => accessDenied('This is not allowed');

/** One route, from its first guard to its handler. */
export class DirectRoute {
  private readonly logger = new Logger(DirectRoute.name);

  constructor(
    private readonly controller: DirectController,
    private readonly handler: DirectHandler,
  ) {}

  run(request: DirectRequest, answer: DirectAnswer): void {
    const reply = new DirectReply(answer);
    this.pass(0, this.contextOf(request, reply), request, reply);
  }

  /** Answers a request whose body could not be read. */
  refuse(error: unknown, request: DirectRequest, answer: DirectAnswer): void {
    const reply = new DirectReply(answer);
    this.fail(error, this.contextOf(request, reply), reply);
  }

  private contextOf(request: DirectRequest, reply: DirectReply): DirectContext {
    return new DirectContext(request, reply, this.controller.type, this.handler as () => unknown);
  }

  /** Goes on at a guard; without a promise as long as none of them makes one. */
  private pass(from: number, context: DirectContext, request: DirectRequest, reply: DirectReply): void {
    const { guards, instance } = this.controller;
    try {
      for (let at = from; at < guards.length; at++) {
        const allowed = guards[at]?.canActivate(context);
        if (allowed === true) continue;
        if (!(allowed instanceof Promise)) throw refused();
        allowed.then(
          later => (later === true ? this.pass(at + 1, context, request, reply) : this.fail(refused(), context, reply)),
          (error: unknown) => this.fail(error, context, reply),
        );
        return;
      }
      this.handler.call(instance, request, reply)?.catch((error: unknown) => this.fail(error, context, reply));
    } catch (error) {
      this.fail(error, context, reply);
    }
  }

  private fail(error: unknown, context: DirectContext, reply: DirectReply): void {
    try {
      this.controller.filter.catch(error, context);
    } catch (cause) {
      // There is nobody left to answer, and the process must live on.
      this.logger.error({ err: cause }, 'a request could not be answered');
      reply.raw.destroy();
    }
  }
}
