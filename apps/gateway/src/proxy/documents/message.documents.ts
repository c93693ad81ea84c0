import { z } from 'zod';
import { jsonDocument } from './endpoint.document.js';

const prompt = {
  model: z.string().describe('The id or an alias of a model'),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() }).loose()).min(1),
  system: z.unknown().optional(),
};
const example = { model: 'simulator', messages: [{ role: 'user', content: 'Hello, how are you?' }] };

const request = z
  .object({
    ...prompt,
    max_tokens: z.int().positive().describe('At most so many tokens in the answer'),
    stream: z.boolean().optional().describe('Answer as server-sent events'),
  })
  .loose()
  .meta({ example: { ...example, max_tokens: 100 } });

const answer = z
  .object({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: z.string(),
    content: z.array(z.object({ type: z.string() }).loose()),
    stop_reason: z.string().nullable(),
    usage: z.object({ input_tokens: z.int(), output_tokens: z.int() }).loose(),
  })
  .loose()
  .meta({
    example: {
      id: 'msg_123',
      type: 'message',
      role: 'assistant',
      model: 'simulator',
      content: [{ type: 'text', text: 'I am doing well.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 9, output_tokens: 6 },
    },
  });

const STREAM =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"I am"}}\n\n';

const TAG = { tag: 'Messages' };

export const messages = jsonDocument(
  'messages',
  { ...TAG, operation: 'Message', summary: 'Exchange messages with' },
  request,
  answer,
  STREAM,
);

export const tokenCount = jsonDocument(
  'messages/count_tokens',
  { ...TAG, operation: 'MessageTokenCount', summary: 'Count the tokens of messages with' },
  z.object(prompt).loose().meta({ example }),
  z
    .object({ input_tokens: z.int() })
    .loose()
    .meta({ example: { input_tokens: 9 } }),
);
