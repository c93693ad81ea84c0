import type { TokenUsage } from '../usage/index.js';

type Fields = Record<string, unknown>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;

/**
 * An upstream's own `usage` object, in the words of chat and completions or of Responses.
 * @returns `undefined` where it is none
 */
export function tokenUsageOf(usage: unknown): TokenUsage | undefined {
  const fields = fieldsOf(usage);
  const input = fields['prompt_tokens'] ?? fields['input_tokens'];
  const output = fields['completion_tokens'] ?? fields['output_tokens'];
  if (typeof input !== 'number' && typeof output !== 'number') return undefined;
  const inputDetails = fieldsOf(fields['prompt_tokens_details'] ?? fields['input_tokens_details']);
  const outputDetails = fieldsOf(fields['completion_tokens_details'] ?? fields['output_tokens_details']);
  return {
    inputTokens: countOf(input),
    cachedInputTokens: Math.min(countOf(input), countOf(inputDetails['cached_tokens'])),
    outputTokens: countOf(output),
    reasoningTokens: Math.min(countOf(output), countOf(outputDetails['reasoning_tokens'])),
  };
}

/** The same from its bytes, which come from a stranger and may be no JSON at all. */
export function parseTokenUsage(json: Buffer): TokenUsage | undefined {
  try {
    return tokenUsageOf(JSON.parse(json.toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
