import type { RelayResult } from './relay.js';
import type { Verdict } from './routing/circuit-breaker.js';

/** What the end of a request tells of its upstream. One that is busy and says so is not ill. */
export function verdictOf({ outcome, failure }: Pick<RelayResult, 'outcome' | 'failure'>): Verdict {
  if (outcome === 'completed') return 'healthy';
  const tellsNothing = outcome === 'client_aborted' || outcome === 'interrupted' || failure?.coolDownMs !== undefined;
  return tellsNothing ? 'unknown' : 'failed';
}
