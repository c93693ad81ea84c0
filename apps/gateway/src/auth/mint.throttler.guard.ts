import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { rateLimitExceeded } from '../platform/errors/index.js';

/** Slows down whoever asks for tokens without end, before their credential costs us anything. */
@Injectable()
export class MintThrottlerGuard extends ThrottlerGuard {
  protected override throwThrottlingException(
    _context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): never {
    throw rateLimitExceeded('requests', { 'retry-after': String(Math.max(1, timeToBlockExpire)) });
  }
}
