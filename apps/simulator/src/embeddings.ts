import type { EmbeddingsRequest } from './completion.request.js';
import { randomFrom, seedOf } from './seed.js';
import { promptsOf } from './usage.js';

const DEFAULT_DIMENSIONS = 64;

/** A unit vector that depends on the text alone; texts that share words point in similar directions. */
export function embed(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  for (const word of words) {
    const random = randomFrom(seedOf(word));
    for (let at = 0; at < dimensions; at++) vector[at] = (vector[at] ?? 0) + random() - 0.5;
  }
  const length = Math.hypot(...vector);
  return vector.map(value => value / length);
}

/** The answer to an embeddings request. */
export function embeddingsBody(request: EmbeddingsRequest, withUsage: boolean): string {
  const prompts = promptsOf(request.input);
  const tokens = prompts.reduce((sum, prompt) => sum + prompt.tokens, 0);
  const data = prompts.map((prompt, index) => {
    const vector = embed(prompt.text, request.dimensions ?? DEFAULT_DIMENSIONS);
    const embedding =
      request.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
    return { object: 'embedding', index, embedding };
  });
  const usage = withUsage ? { usage: { prompt_tokens: tokens, total_tokens: tokens } } : {};
  return JSON.stringify({ object: 'list', data, model: request.model, ...usage });
}
