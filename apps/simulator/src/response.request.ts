import { z } from 'zod';
import { parseBody } from './body.parser.js';
import { capField, schemaField, type ChatRequest } from './completion.request.js';

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(part)]).nullish(),
  output: z.union([z.string(), z.array(part)]).optional(),
});
const response = z.object({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: capField,
  stream: z.boolean().nullish(),
  tools: z
    .array(z.looseObject({ type: z.string(), name: z.string().optional(), parameters: schemaField.nullish() }))
    .nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ name: z.string() })]).nullish(),
  text: z
    .looseObject({ format: z.looseObject({ type: z.string(), schema: schemaField.optional() }).nullish() })
    .nullish(),
});

export type ResponseRequest = z.output<typeof response>;

/** @throws SimulatorError 400 that names the field */
export const parseResponse = (body: unknown): ResponseRequest => parseBody(response, body);

function messageOf({ type, role, content, output }: z.output<typeof item>): ChatRequest['messages'][number] {
  if (type === 'function_call_output') return { role: 'tool', content: output };
  return { role: role ?? 'assistant', content };
}

/** The chat that asks for the same. */
export function chatOfResponse(request: ResponseRequest): ChatRequest {
  const { model, input, instructions, tools, tool_choice: choice } = request;
  const format = request.text?.format;
  return {
    model,
    max_tokens: request.max_output_tokens,
    messages: [
      ...(instructions == null ? [] : [{ role: 'system', content: instructions }]),
      ...(typeof input === 'string' ? [{ role: 'user', content: input }] : input.map(messageOf)),
    ],
    tools: tools?.map(({ type, name, parameters }) =>
      name === undefined ? { type } : { type, function: { name, parameters } },
    ),
    tool_choice: typeof choice === 'object' && choice !== null ? { function: choice } : choice,
    response_format: format && { type: format.type, json_schema: { schema: format.schema } },
  };
}
