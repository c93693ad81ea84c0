import { z } from 'zod';
import { SimulatorError } from './simulator.error.js';

const cap = z.int().min(1).nullish();
const shared = {
  model: z.string().min(1),
  max_tokens: cap,
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
};
const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.object({ role: z.string(), content: z.union([z.string(), z.array(part)]).nullish() });
const schema = z.record(z.string(), z.unknown());
const tool = z.object({
  type: z.string(),
  function: z.object({ name: z.string(), parameters: schema.nullish() }).optional(),
});
const tokenIds = z.array(z.int().min(0));
const text = z.union([z.string(), tokenIds, z.array(z.string()).min(1), z.array(tokenIds).min(1)]);

const chat = z.object({
  ...shared,
  max_completion_tokens: cap,
  messages: z.array(message).min(1),
  tools: z.array(tool).nullish(),
  tool_choice: z.union([z.string(), z.object({ function: z.object({ name: z.string() }) })]).nullish(),
  response_format: z
    .object({ type: z.string(), json_schema: z.object({ schema: schema.optional() }).optional() })
    .nullish(),
});
const completion = z.object({ ...shared, prompt: text });
const embeddings = z.object({
  model: z.string().min(1),
  input: text,
  dimensions: z.int().min(1).max(8192).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});

export type ChatRequest = z.output<typeof chat>;
export type CompletionRequest = z.output<typeof completion>;
export type EmbeddingsRequest = z.output<typeof embeddings>;
export type PromptInput = z.output<typeof text>;

function parse<T>(type: z.ZodType<T>, body: unknown): T {
  const parsed = type.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = issue?.path.join('.') ?? '';
  throw new SimulatorError(400, 'invalid_request', `${param}: ${issue?.message}`, param === '' ? null : param);
}

/** @throws SimulatorError 400 that names the field */
export const parseChat = (body: unknown): ChatRequest => parse(chat, body);
/** @throws SimulatorError 400 that names the field */
export const parseCompletion = (body: unknown): CompletionRequest => parse(completion, body);
/** @throws SimulatorError 400 that names the field */
export const parseEmbeddings = (body: unknown): EmbeddingsRequest => parse(embeddings, body);
