import type { TokenUsage } from '../usage/index.js';
import { type UsageFields as Fields, usageFieldsIn } from './usage.fields.js';

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;

/** An object that has none of them is no report. */
const COUNTS = ['prompt_tokens', 'input_tokens', 'completion_tokens', 'output_tokens'];

/** Input and cached input. What Anthropic calls input is only what was neither read from a cache nor written to one. */
function inputOf(fields: Fields): [number, number] {
  const details = fieldsOf(fields['prompt_tokens_details'] ?? fields['input_tokens_details']);
  const read = countOf(fields['cache_read_input_tokens']);
  const isAnthropic = fields['prompt_tokens'] === undefined && fields['input_tokens_details'] === undefined;
  if (isAnthropic) {
    return [countOf(fields['input_tokens']) + read + countOf(fields['cache_creation_input_tokens']), read];
  }
  const input = countOf(fields['prompt_tokens'] ?? fields['input_tokens']);
  return [input, Math.min(input, countOf(details['cached_tokens'] ?? read))];
}

/** Output and reasoning. Some servers leave reasoning out of the output, which shows in their total. */
function outputOf(fields: Fields, input: number): [number, number] {
  const details = fieldsOf(fields['completion_tokens_details'] ?? fields['output_tokens_details']);
  const output = countOf(fields['completion_tokens'] ?? fields['output_tokens']);
  const reasoning = countOf(details['reasoning_tokens']);
  const isApart = reasoning > 0 && countOf(fields['total_tokens']) === input + output + reasoning;
  return isApart ? [output + reasoning, reasoning] : [output, Math.min(output, reasoning)];
}

/**
 * An upstream's own `usage` object, in the words of chat, completions and embeddings, of Responses, or of Anthropic's
 * messages.
 * @returns `undefined` where it is none
 */
export function tokenUsageOf(usage: unknown): TokenUsage | undefined {
  const fields = fieldsOf(usage);
  if (!COUNTS.some(name => typeof fields[name] === 'number')) return undefined;
  const [inputTokens, cachedInputTokens] = inputOf(fields);
  const [outputTokens, reasoningTokens] = outputOf(fields, inputTokens);
  return { inputTokens, cachedInputTokens, outputTokens, reasoningTokens };
}

/** What a stranger sent; `undefined` where it is no JSON at all. */
function parseJson(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The same from its bytes. */
export const parseTokenUsage = (json: Buffer): TokenUsage | undefined => tokenUsageOf(usageFieldsIn(json));

/** The same from who only reads, and writes no text; of these, some tell a total alone. */
export function inputUsageOf(usage: unknown): TokenUsage | undefined {
  const { total_tokens: total } = fieldsOf(usage);
  const told = tokenUsageOf(usage);
  if (told !== undefined || typeof total !== 'number') return told;
  return { inputTokens: countOf(total), cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
}

/** The same from the bytes of an object that has it as its member `usage`. */
export const parseUsageWithin = (json: Buffer): TokenUsage | undefined =>
  tokenUsageOf(fieldsOf(parseJson(json))['usage']);
