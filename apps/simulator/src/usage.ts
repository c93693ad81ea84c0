import type { ChatRequest, PromptInput } from './completion.request.js';
import { countTokens } from './tokens.js';

/** What a chat template adds around each message. */
const TOKENS_PER_MESSAGE = 3;

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/** The report as it goes over the wire. */
export function usageOf(promptTokens: number, completionTokens: number): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}

/** The text of a message's content; parts that are not text have none. */
export function textOf(content: ChatRequest['messages'][number]['content']): string {
  if (typeof content === 'string') return content;
  return content?.map(part => part.text ?? '').join('') ?? '';
}

/** The tokens of all messages. */
export function countMessages(messages: ChatRequest['messages']): number {
  return messages.reduce((sum, message) => sum + TOKENS_PER_MESSAGE + countTokens(textOf(message.content)), 0);
}

/** Each prompt of an input that is one or several texts, or one or several lists of token ids. */
export function promptsOf(input: PromptInput): { text: string; tokens: number }[] {
  const one = typeof input === 'string' || typeof input[0] === 'number' || input.length === 0;
  const prompts = (one ? [input] : input) as (string | number[])[];
  return prompts.map(prompt =>
    typeof prompt === 'string'
      ? { text: prompt, tokens: countTokens(prompt) }
      : { text: prompt.join(' '), tokens: prompt.length },
  );
}
