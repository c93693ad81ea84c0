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

/** All of them are made here: V8 adds up objects of one making in a quarter of the time that those of several take. */
export const amountsOf = (requests: number, inputTokens = 0, outputTokens = 0, costMicros = 0): Amounts => ({
  requests,
  inputTokens,
  outputTokens,
  costMicros,
});

export const NOTHING: Readonly<Amounts> = amountsOf(0);
export const ONE_REQUEST: Readonly<Amounts> = amountsOf(1);
export const NO_REQUEST: Readonly<Amounts> = amountsOf(-1);

/** What a request used that was counted when it was admitted. */
export const usedBy = ({ inputTokens, outputTokens, costMicros }: Consumption): Amounts =>
  amountsOf(0, inputTokens, outputTokens, costMicros);

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
