import type { Unit } from './tier-limit.js';

/** What a request came to. */
export interface Consumption {
  inputTokens: number;
  outputTokens: number;
  costMicros: number;
}

/** What some requests came to together, and how many they are. */
export interface Amounts extends Consumption {
  requests: number;
}

export const NOTHING: Readonly<Amounts> = Object.freeze({
  requests: 0,
  inputTokens: 0,
  outputTokens: 0,
  costMicros: 0,
});

/** Adds `more`, `times` over; -1 takes it out again. */
export function accumulate(sum: Amounts, more: Amounts, times: 1 | -1 = 1): void {
  sum.requests += times * more.requests;
  sum.inputTokens += times * more.inputTokens;
  sum.outputTokens += times * more.outputTokens;
  sum.costMicros += times * more.costMicros;
}

/** How much of a unit it is. Slots are held by requests, one each. */
export function amountOf(unit: Unit, amounts: Amounts): number {
  switch (unit) {
    case 'requests':
    case 'concurrency':
      return amounts.requests;
    case 'tokens':
      return amounts.inputTokens + amounts.outputTokens;
    case 'input_tokens':
      return amounts.inputTokens;
    case 'output_tokens':
      return amounts.outputTokens;
    case 'cost':
      return amounts.costMicros;
  }
}
