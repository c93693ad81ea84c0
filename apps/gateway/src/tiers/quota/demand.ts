import { type Amounts, amountOf, amountsOf, type Consumption } from './amounts.js';
import type { Unit } from './tier-limit.js';

/** No estimate is larger, so that sums of them are exact: tokens are far below, and costs are a million units. */
const MAX_ESTIMATE = 2 ** 40;

/** What is needed to keep a request within what is left, whatever its answer. */
export interface StrictDemand {
  /** Tokens; the prompt cannot come to more. */
  inputTokens: number;
  /** How many answers share the output; 0 where there is none. */
  choices: number;
  /** Micro-units per token. */
  inputMicros: number;
  outputMicros: number;
}

/** What a request may come to, as far as can be told before it is sent. */
export interface Demand extends Consumption {
  modelId: string;
  /** Present where the caller's tier never overshoots. */
  strict?: StrictDemand;
}

const estimateOf = (amount: number): number => Math.min(Math.max(0, amount), MAX_ESTIMATE);

const costOf = ({ inputTokens, inputMicros, outputMicros }: StrictDemand, outputTokens: number): number =>
  Math.ceil(inputTokens * inputMicros + outputTokens * outputMicros);

/** What a running request holds, itself included: its estimate, or in a strict tier the most that it can come to. */
export function holdOf(demand: Demand, outputTokens = demand.outputTokens): Amounts {
  const { strict } = demand;
  return amountsOf(
    1,
    estimateOf(strict?.inputTokens ?? demand.inputTokens),
    estimateOf(outputTokens),
    estimateOf(strict === undefined ? demand.costMicros : costOf(strict, outputTokens)),
  );
}

/** How much of the unit must be left for the request to be admitted: anything at all, or the least it can come to. */
export function needOf(unit: Unit, { strict }: Demand): number {
  if (strict === undefined || unit === 'requests' || unit === 'concurrency') return 1;
  const { inputTokens, choices } = strict;
  return Math.max(
    1,
    amountOf(unit, { requests: 1, inputTokens, outputTokens: choices, costMicros: costOf(strict, choices) }),
  );
}

/** The output that fits into what is left of the unit beside the prompt, in tokens; at least what `needOf` asked for. */
export function outputWithin(unit: Unit, left: number, strict: StrictDemand): number {
  switch (unit) {
    case 'tokens':
      return left - strict.inputTokens;
    case 'output_tokens':
      return left;
    case 'cost': {
      if (strict.outputMicros === 0) return Number.POSITIVE_INFINITY;
      const fits = Math.floor((left - strict.inputTokens * strict.inputMicros) / strict.outputMicros);
      // Prices are fractions, and the quotient of two may be a hair too large.
      return costOf(strict, fits) > left ? fits - 1 : fits;
    }
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** As many tokens as each of the choices may have alike. */
export const sharedByChoices = (outputTokens: number, { choices }: StrictDemand): number =>
  choices === 0 ? 0 : Math.floor(outputTokens / choices) * choices;
