import type { RelayResult } from './relay.terms.js';
import type { Verdict } from './routing/circuit-breaker.js';
import type { LegEnd } from './routing/upstream-route.js';
import type { UpstreamFailure } from './upstream-failure.js';

type Ended = Pick<RelayResult, 'outcome' | 'brokenBy'>;

/** What the end of a request tells of its upstream. One that is busy and says so is not ill. */
function verdictOf({ outcome, brokenBy }: Ended): Verdict {
  if (outcome === 'completed') return 'healthy';
  if (outcome === 'client_aborted' || outcome === 'interrupted' || brokenBy?.coolDownMs !== undefined) return 'unknown';
  // Where nothing broke it off, the upstream itself said in its whole answer that it had failed.
  return brokenBy === undefined || brokenBy.mayBeTheRequest === true ? 'suspect' : 'failed';
}

/** What it was, in words that name neither callers nor credentials. */
export function reasonOf(failure: UpstreamFailure | undefined): string {
  if (failure === undefined) return 'the answer says of itself that it failed';
  const { message, cause } = failure.error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

/** @param startedAtMs when the request was sent to the upstream, in milliseconds since 1970 */
export function legEndOf(result: Ended & Pick<RelayResult, 'firstByteAt'>, startedAtMs: number): LegEnd {
  const { outcome, brokenBy, firstByteAt } = result;
  const isFailure = outcome === 'upstream_failed' || outcome === 'timed_out';
  return {
    verdict: verdictOf(result),
    coolDownMs: brokenBy?.coolDownMs,
    firstByteMs: firstByteAt === null ? null : firstByteAt.getTime() - startedAtMs,
    error: isFailure ? { message: reasonOf(brokenBy), at: new Date() } : undefined,
  };
}
