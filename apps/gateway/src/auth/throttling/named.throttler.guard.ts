import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { rateLimitExceeded, retryHeaders } from '../../platform/errors/index.js';
import type { ThrottlerName } from './throttlers.js';

/** Applies one of the module's named throttlers. The parent would apply all of them wherever it stands. */
@Injectable()
export abstract class NamedThrottlerGuard extends ThrottlerGuard {
  protected abstract readonly throttlerName: ThrottlerName;

  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    this.throttlers = this.throttlers.filter(({ name }) => name === this.throttlerName);
  }

  protected override throwThrottlingException(
    _context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    throw rateLimitExceeded('requests', retryHeaders(timeToBlockExpire * 1000));
  }
}
