import { z } from 'zod';
import { parseBody } from './body.parser.js';
import { messagesField } from './completion.request.js';
import { tokenIds } from './tokens.js';
import { textOf } from './usage.js';

const MAX_MODEL_TOKENS = 8192;
const model = z.string().min(1);
const tokenize = z.union([z.object({ model, prompt: z.string() }), z.object({ model, messages: messagesField })]);

/**
 * The tokens of a prompt, or of the texts of a chat's messages.
 * @throws SimulatorError 400
 */
export function tokenizeBody(body: unknown): string {
  const request = parseBody(tokenize, body);
  const texts = 'prompt' in request ? [request.prompt] : request.messages.map(({ content }) => textOf(content));
  const tokens = texts.flatMap(tokenIds);
  return JSON.stringify({ count: tokens.length, max_model_len: MAX_MODEL_TOKENS, tokens, token_strs: null });
}
