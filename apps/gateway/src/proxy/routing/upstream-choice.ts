/** An upstream that may be chosen, and how much it is doing. */
export interface Candidate {
  /** Its share beside others of its priority; 0 takes nothing. */
  readonly weight: number;
  /** Lower is asked first. */
  readonly priority: number;
  /** Requests that it is answering. */
  readonly inFlight: number;
}

/**
 * Chooses among upstreams that are well: of the first priority, the less busy for its weight of two that are drawn by
 * weight. Two draws are nearly as good as a look at all, and gateways that know only their own load do not all run to
 * the same upstream (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing).
 * @param random numbers from 0 up to but not including 1
 * @returns `undefined` where there is none
 */
export function chooseUpstream<T extends Candidate>(healthy: readonly T[], random: () => number): T | undefined {
  const willing = healthy.filter(({ weight }) => weight > 0);
  const first = willing.reduce((lowest, { priority }) => Math.min(lowest, priority), Number.POSITIVE_INFINITY);
  const group = willing.filter(({ priority }) => priority === first);
  const one = drawn(group, random);
  if (group.length < 2 || one === undefined) return one;
  const other = drawn(
    group.filter(candidate => candidate !== one),
    random,
  );
  // Where both are as busy the first draw stands, so that weights hold when there is little to do.
  return other !== undefined && loadOf(other) < loadOf(one) ? other : one;
}

const loadOf = ({ inFlight, weight }: Candidate): number => inFlight / weight;

function drawn<T extends Candidate>(group: readonly T[], random: () => number): T | undefined {
  if (group.length < 2) return group[0];
  let rest = random() * group.reduce((sum, { weight }) => sum + weight, 0);
  return group.find(({ weight }) => (rest -= weight) < 0) ?? group.at(-1);
}
