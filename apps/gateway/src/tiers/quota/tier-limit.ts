export const UNITS = ['requests', 'tokens', 'input_tokens', 'output_tokens', 'cost', 'concurrency'] as const;
export type Unit = (typeof UNITS)[number];

/** At most `limit` units in any `windowMs` milliseconds, per subject. */
export interface TierLimit {
  unit: Unit;
  limit: number;
  /** `null` for `concurrency` alone: so many at once. */
  windowMs: number | null;
  /** Counts requests of this model only. */
  modelId: string | null;
}

export interface LimitState {
  limit: TierLimit;
  used: number;
  reserved: number;
  remaining: number;
  /** Until all of it is free again, if nothing more is used. */
  resetMs: number;
}

/** What a request may come to, as far as can be told before it is sent. */
export interface Demand {
  modelId: string;
  inputTokens: number;
  outputTokens: number;
  costMicros: number;
}

/** What a request came to. */
export type Consumption = Omit<Demand, 'modelId'>;

/** How much of a unit `consumption` is. Requests and concurrency count one each. */
export function amountOf(unit: Unit, consumption: Consumption): number {
  switch (unit) {
    case 'requests':
    case 'concurrency':
      return 1;
    case 'tokens':
      return consumption.inputTokens + consumption.outputTokens;
    case 'input_tokens':
      return consumption.inputTokens;
    case 'output_tokens':
      return consumption.outputTokens;
    case 'cost':
      return consumption.costMicros;
  }
}
