import { z } from 'zod';
import { parseBody } from './body.parser.js';

export const capField = z.int().min(1).nullish();
const shared = {
  model: z.string().min(1),
  max_tokens: capField,
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
};
const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.object({ role: z.string(), content: z.union([z.string(), z.array(part)]).nullish() });
export const messagesField = z.array(message).min(1);
export const schemaField = z.record(z.string(), z.unknown());
const tool = z.object({
  type: z.string(),
  function: z.object({ name: z.string(), parameters: schemaField.nullish() }).optional(),
});
const tokenIds = z.array(z.int().min(0));
const textField = z.union([z.string(), tokenIds, z.array(z.string()).min(1), z.array(tokenIds).min(1)]);

const chat = z.object({
  ...shared,
  max_completion_tokens: capField,
  messages: messagesField,
  tools: z.array(tool).nullish(),
  tool_choice: z.union([z.string(), z.object({ function: z.object({ name: z.string() }) })]).nullish(),
  response_format: z
    .object({ type: z.string(), json_schema: z.object({ schema: schemaField.optional() }).optional() })
    .nullish(),
});
const completion = z.object({ ...shared, prompt: textField });
const embeddings = z.object({
  model: z.string().min(1),
  input: textField,
  dimensions: z.int().min(1).max(8192).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});

export type ChatRequest = z.output<typeof chat>;
export type CompletionRequest = z.output<typeof completion>;
export type EmbeddingsRequest = z.output<typeof embeddings>;
export type PromptInput = z.output<typeof textField>;

/** @throws SimulatorError 400 that names the field */
export const parseChat = (body: unknown): ChatRequest => parseBody(chat, body);
/** @throws SimulatorError 400 that names the field */
export const parseCompletion = (body: unknown): CompletionRequest => parseBody(completion, body);
/** @throws SimulatorError 400 that names the field */
export const parseEmbeddings = (body: unknown): EmbeddingsRequest => parseBody(embeddings, body);
