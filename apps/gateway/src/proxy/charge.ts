import type { Demand } from '../tiers/index.js';
import type { Measured, TokenUsage } from '../usage/index.js';
import type { TextCount } from './relayed.text.js';
import type { RelayResult } from './relay.terms.js';

/** The tokens of a request, and how they were come by. */
export type Charge = Pick<Measured, 'tokens' | 'usageSource'>;

const NOTHING: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

const NO_OUTPUT: TextCount = { outputTokens: 0, reasoningTokens: 0 };

/** What a tokenizer made of a request; what it could not count is absent. */
export interface Counted {
  inputTokens?: number | undefined;
  output?: TextCount | undefined;
}

/** Whether anything was served at all: what an upstream refused is not, nor what nobody was sent. */
function isServed({ usage, bytesOut, outcome, status }: RelayResult): boolean {
  return usage !== undefined || (bytesOut > 0 && !(outcome === 'completed' && status >= 400));
}

/**
 * What is charged where that is known at once: the upstream's own report, if nothing was passed on after it, or nothing.
 * @param metered whether such a request costs tokens at all
 * @returns `undefined` where tokens are to be counted
 */
export function knownChargeOf(result: RelayResult, metered: boolean): Charge | undefined {
  const { usage, text } = result;
  if (!metered || !isServed(result)) return { tokens: NOTHING, usageSource: 'none' };
  if (usage !== undefined && (text === undefined || text.isEmpty)) return { tokens: usage, usageSource: 'reported' };
  return undefined;
}

/**
 * What is charged by count: the last report and the text that was passed on after it, or the prompt and all that was
 * passed on.
 * @param demand what was estimated at admission; it stands in for what could not be counted
 */
export function countedChargeOf({ usage, text }: RelayResult, counted: Counted, demand: Demand): Charge {
  const reported: TokenUsage = usage ?? { ...NOTHING, inputTokens: counted.inputTokens ?? demand.inputTokens };
  // What writes no tokens has none to be counted.
  const output = counted.output ?? (demand.outputTokens === 0 ? NO_OUTPUT : undefined);
  const relayed = output ?? {
    outputTokens: Math.min(text?.estimate ?? demand.outputTokens, demand.outputTokens),
    reasoningTokens: 0,
  };
  const isCounted = output !== undefined && (usage !== undefined || counted.inputTokens !== undefined);
  return {
    tokens: {
      ...reported,
      outputTokens: reported.outputTokens + relayed.outputTokens,
      reasoningTokens: reported.reasoningTokens + relayed.reasoningTokens,
    },
    usageSource: isCounted ? 'counted' : 'estimated',
  };
}
