import { z } from 'zod';
import { jsonDocument } from './endpoint.document.js';

const request = z
  .object({
    model: z.string().describe('The id or an alias of a model'),
    input: z.unknown().describe('A text, or items'),
    instructions: z.string().nullable().optional(),
    max_output_tokens: z.int().positive().nullable().optional().describe('At most so many tokens in the answer'),
    stream: z.boolean().nullable().optional().describe('Answer as server-sent events'),
    previous_response_id: z.null().optional().describe('What an upstream has stored is not offered: 404'),
  })
  .loose()
  .meta({ example: { model: 'simulator', input: 'Hello, how are you?', max_output_tokens: 100 } });

const answer = z
  .object({
    id: z.string(),
    object: z.literal('response'),
    status: z.string(),
    model: z.string(),
    output: z.array(z.object({ type: z.string() }).loose()),
    usage: z
      .object({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() })
      .loose()
      .nullable()
      .optional(),
  })
  .loose()
  .meta({
    example: {
      id: 'resp_123',
      object: 'response',
      status: 'completed',
      model: 'simulator',
      output: [
        {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'I am doing well.', annotations: [] }],
        },
      ],
      usage: { input_tokens: 9, output_tokens: 6, total_tokens: 15 },
    },
  });

const STREAM = 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"I am"}\n\n';

export const responses = jsonDocument(
  'responses',
  { tag: 'Completions', operation: 'Response', summary: 'Get a response from' },
  request,
  answer,
  STREAM,
);
