import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { ThrottlerLimitDetail } from '@nestjs/throttler';
import { NamedThrottlerGuard } from './named.throttler.guard.js';

/** Log lines about refused addresses are at least this far apart: a flood must not fill a disk. */
const LOG_INTERVAL_MS = 10_000;

/**
 * Counts requests whose credential was refused, by client address. `CallerGuard` asks it when a credential has turned out to
 * be no good, and never before: a valid one passes whatever else comes from its address.
 */
@Injectable()
export class CredentialFailureGuard extends NamedThrottlerGuard {
  protected override readonly throttlerName = 'credential-failures';
  private loggedAtMs = Number.NEGATIVE_INFINITY;

  protected override throwThrottlingException(context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.loggedAtMs >= LOG_INTERVAL_MS) {
      this.loggedAtMs = nowMs;
      this.logger.warn(
        { clientAddress: detail.tracker, limit: detail.limit },
        'too many refused credentials from an address',
      );
    }
    return super.throwThrottlingException(context, detail);
  }
}
