import { invalidRequest } from '../platform/errors/index.js';
import type { Demand, StrictDemand } from '../tiers/index.js';
import type { CatalogModel } from './catalog-model.js';
import type { Endpoint } from './endpoint.js';
import type { ModelRequest } from './model-request.js';
import { choicesOf } from './output-cap.js';
import { UNBOUNDED } from './prompt-bound.js';

/**
 * A token is about four bytes of text, and JSON around it only errs towards more. Of speech it is a tenth of a second,
 * and at 128 kbit/s as many bytes.
 */
const BYTES_PER_TOKEN: Record<Endpoint['body'], number> = { json: 4, form: 1600 };

/** The estimate of an upload's prompt, now that it has come: its length may not have been told before. */
export const uploadedTokens = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN.form);

/** One that no price is put on costs nothing. */
const FREE = { inputPerMillion: 0, cachedInputPerMillion: 0, outputPerMillion: 0 };

function strictOf(model: CatalogModel, bound: number, choices: number): StrictDemand {
  const { inputPerMillion, cachedInputPerMillion, outputPerMillion } = model.prices ?? FREE;
  return {
    // What the model's context cannot hold, it cannot read either.
    inputTokens: bound === UNBOUNDED ? (model.contextWindow ?? bound) : bound,
    choices,
    // A price per million tokens in units is a price per token in micro-units.
    inputMicros: Math.max(inputPerMillion, cachedInputPerMillion),
    outputMicros: outputPerMillion,
  };
}

/**
 * What a request may come to: its body as prompt, and its output cap, or else the model's own, once per choice.
 * @param bytes the body's length
 * @param strict whether its tier never overshoots, so that it must be known what it cannot come to
 * @throws ApiError 400 where the body asks for no countable number of choices, or for answers of no tokens
 */
export function demandOf(
  model: CatalogModel,
  request: ModelRequest,
  { bytes, endpoint, strict }: { bytes: number; endpoint: Endpoint; strict: boolean },
): Demand {
  const choices = choicesOf(request.settings, endpoint, request.promptCount);
  // Completions alone know answers of no tokens: they echo and score their prompt.
  if (request.outputCap === 0 && choices > 0 && endpoint.path !== 'completions')
    throw invalidRequest('An answer must be allowed a token', 'max_tokens');
  const inputTokens = endpoint.metered ? Math.ceil(bytes / BYTES_PER_TOKEN[endpoint.body]) : 0;
  const outputTokens = (request.outputCap ?? model.defaultMaxTokens) * choices;
  const { inputPerMillion, outputPerMillion } = model.prices ?? FREE;
  const demand: Demand = {
    modelId: model.id,
    inputTokens,
    outputTokens: Math.min(Number.MAX_SAFE_INTEGER, outputTokens),
    costMicros: Math.ceil(inputTokens * inputPerMillion + outputTokens * outputPerMillion),
  };
  if (!strict) return demand;
  return { ...demand, strict: strictOf(model, request.promptBound, outputTokens === 0 ? 0 : choices) };
}
