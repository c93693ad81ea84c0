import { z } from 'zod';
import { parseBody } from './body.parser.js';
import { schemaField, type ChatRequest } from './completion.request.js';

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const texts = z.union([z.string(), z.array(part)]);
const block = z.looseObject({ type: z.string(), text: z.string().optional(), content: texts.optional() });
const conversation = {
  model: z.string().min(1),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(block)]) })).min(1),
  system: texts.optional(),
  tools: z.array(z.looseObject({ name: z.string(), input_schema: schemaField.optional() })).optional(),
};
const count = z.object(conversation);
const message = z.object({
  ...conversation,
  max_tokens: z.int().min(1),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).optional(),
  tool_choice: z.looseObject({ type: z.string(), name: z.string().optional() }).optional(),
  output_config: z
    .looseObject({ format: z.looseObject({ type: z.string(), schema: schemaField.optional() }).nullish() })
    .optional(),
});

export type MessageRequest = z.output<typeof message>;
type Conversation = z.output<typeof count>;

/** @throws SimulatorError 400 that names the field */
export const parseMessage = (body: unknown): MessageRequest => parseBody(message, body);
/** @throws SimulatorError 400 that names the field */
export const parseMessageCount = (body: unknown): Conversation => parseBody(count, body);

const CHOICES: Record<string, string> = { auto: 'auto', any: 'required', none: 'none' };

function messageOf({ role, content }: Conversation['messages'][number]): ChatRequest['messages'][number] {
  if (typeof content === 'string') return { role, content };
  const parts = content.flatMap(({ type, text, content: inner }) =>
    inner === undefined ? [{ type, text }] : typeof inner === 'string' ? [{ type, text: inner }] : inner,
  );
  // The result of a tool comes in the name of the user.
  return { role: content.some(({ type }) => type === 'tool_result') ? 'tool' : role, content: parts };
}

/** All that the model reads, as the messages of a chat. */
export function messagesOf({ system, messages }: Conversation): ChatRequest['messages'] {
  return [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messages.map(messageOf)];
}

/** The chat that asks for the same. */
export function chatOfMessage(request: MessageRequest): ChatRequest {
  const { model, max_tokens, stop_sequences: stop, tools, tool_choice: choice } = request;
  const format = request.output_config?.format;
  return {
    model,
    max_tokens,
    stop,
    messages: messagesOf(request),
    tools: tools?.map(({ name, input_schema: parameters }) => ({ type: 'function', function: { name, parameters } })),
    tool_choice: choice?.name === undefined ? CHOICES[choice?.type ?? 'auto'] : { function: { name: choice.name } },
    response_format: format && { type: format.type, json_schema: { schema: format.schema } },
  };
}
