import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseBody } from './body.parser.js';
import { embed } from './embeddings.js';
import { SimulatorError } from './simulator.error.js';
import { countTokens } from './tokens.js';

const texts = z.union([z.string(), z.array(z.string()).min(1)]);
const rerank = z.object({
  model: z.string().min(1),
  query: z.string(),
  documents: z.array(z.union([z.string(), z.object({ text: z.string() })])).min(1),
  top_n: z.int().min(1).nullish(),
});
const score = z.object({ model: z.string().min(1), text_1: texts, text_2: texts });

const DIMENSIONS = 64;

/** How much two texts have in common, from 0 to 1. */
function likeness(one: string, other: string): number {
  const [left, right] = [embed(one, DIMENSIONS), embed(other, DIMENSIONS)];
  const cosine = left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
  return Math.min(1, Math.max(0, (1 + cosine) / 2));
}

/** Each pair is read as a whole, so its question counts once for each of them. */
function pairUsage(pairs: readonly (readonly [string, string])[], withUsage: boolean) {
  const tokens = pairs.reduce((sum, [one, other]) => sum + countTokens(one) + countTokens(other), 0);
  return withUsage ? { usage: { prompt_tokens: tokens, total_tokens: tokens } } : {};
}

/**
 * The documents of a request, the one most like its query first.
 * @throws SimulatorError 400 that names the field
 */
export function rerankBody(body: unknown, withUsage: boolean): string {
  const { model, query, documents, top_n: most } = parseBody(rerank, body);
  const pairs = documents.map(document => [query, typeof document === 'string' ? document : document.text] as const);
  const results = pairs
    .map(([, text], index) => ({ index, document: { text }, relevance_score: likeness(query, text) }))
    .sort((one, other) => other.relevance_score - one.relevance_score)
    .slice(0, most ?? undefined);
  return JSON.stringify({ id: `rerank-${randomUUID()}`, model, ...pairUsage(pairs, withUsage), results });
}

/**
 * How much the texts of a request are like each other: one and many, or pair by pair.
 * @throws SimulatorError 400 that names the field
 */
export function scoreBody(body: unknown, withUsage: boolean): string {
  const request = parseBody(score, body);
  const [left, right] = [[request.text_1].flat(), [request.text_2].flat()];
  if (left.length !== right.length && left.length !== 1) {
    throw new SimulatorError(400, 'invalid_request', 'text_1 must be one text or as many as text_2', 'text_1');
  }
  const pairs = right.map((text, index) => [left[index] ?? left[0] ?? '', text] as const);
  const data = pairs.map(([one, other], index) => ({ index, object: 'score', score: likeness(one, other) }));
  const head = { id: `score-${randomUUID()}`, object: 'list', created: Math.floor(Date.now() / 1000) };
  return JSON.stringify({ ...head, model: request.model, data, ...pairUsage(pairs, withUsage) });
}
