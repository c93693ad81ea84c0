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

/** Whether requests of the model count against what has this scope. */
export const covers = ({ modelId }: { modelId: string | null }, requested: string): boolean =>
  modelId === null || modelId === requested;
