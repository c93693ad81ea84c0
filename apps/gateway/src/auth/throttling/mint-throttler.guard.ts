import { Injectable } from '@nestjs/common';
import { NamedThrottlerGuard } from './named.throttler.guard.js';

/** Limits the token requests of each subject. Runs after the guard that tells who is calling. */
@Injectable()
export class MintThrottlerGuard extends NamedThrottlerGuard {
  protected override readonly throttlerName = 'mints';
}
