import type { Answer, CallOptions } from './answer.js';
import type { Gateway } from './gateway.js';

export interface ChatOptions extends CallOptions {
  model?: string;
  /** Further fields of the body. */
  fields?: Record<string, unknown>;
}

export interface ChatCompletion {
  object: string;
  id: string;
  model: string;
  choices: { message: { role: string; content: string }; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

export const chatBody = (model: string, fields: Record<string, unknown> = {}) => ({
  model,
  messages: [{ role: 'user', content: 'Hello, how are you?' }],
  max_tokens: 10,
  ...fields,
});

/** A chat completion by the model's own path. */
export function chat(gateway: Gateway, token: string, options: ChatOptions = {}): Promise<Answer> {
  const { model = 'simulator', fields, ...rest } = options;
  return gateway.call(`/${model}/v1/chat/completions`, {
    method: 'POST',
    token,
    body: chatBody(model, fields),
    ...rest,
  });
}
