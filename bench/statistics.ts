export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  const upper = sorted[Math.ceil(middle)] ?? Number.NaN;
  return { min: at(0), median: (at(0.5) + upper) / 2, max: at(1) };
}
