import { DurationCounts } from './duration.counts.js';

export type TokenKind = 'input' | 'cached_input' | 'output' | 'reasoning';

/**
 * What the requests of one model and one tier came to, in plain numbers. The series are made of them when somebody
 * scrapes: to find each by its labels takes prom-client half a microsecond and more, eight times a request.
 */
export class RequestTally {
  inFlight = 0;
  readonly outcomes = new Map<string, number>();
  readonly tokens: Record<TokenKind, number> = { input: 0, cached_input: 0, output: 0, reasoning: 0 };
  readonly durations = new DurationCounts();
  readonly firstBytes = new DurationCounts();

  constructor(
    readonly model: string,
    readonly tier: string,
  ) {}

  ended(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }
}

/** Bounded by the catalog and the tiers. */
const tallies = new Map<string, Map<string, RequestTally>>();

export function tallyOf(model: string, tier: string): RequestTally {
  let tiers = tallies.get(model);
  if (tiers === undefined) tallies.set(model, (tiers = new Map<string, RequestTally>()));
  let tally = tiers.get(tier);
  if (tally === undefined) tiers.set(tier, (tally = new RequestTally(model, tier)));
  return tally;
}

export const allTallies = (): RequestTally[] => [...tallies.values()].flatMap(tiers => [...tiers.values()]);

/** Durations of all tiers together, by model. */
export function durationsByModel(read: (tally: RequestTally) => DurationCounts): Map<string, DurationCounts> {
  return new Map(
    [...tallies].map(([model, tiers]) => {
      const sum = new DurationCounts();
      for (const tally of tiers.values()) sum.add(read(tally));
      return [model, sum];
    }),
  );
}
