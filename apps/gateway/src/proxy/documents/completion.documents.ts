import { z } from 'zod';
import { jsonDocument } from './endpoint.document.js';

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }).loose();

const common = {
  model: z.string().describe('The id or an alias of a model'),
  max_tokens: z.int().positive().optional().describe('At most so many tokens in the answer'),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  stream: z.boolean().optional().describe('Answer as server-sent events'),
  stream_options: z.object({ include_usage: z.boolean().optional() }).loose().optional(),
};

const chatRequest = z
  .object({ ...common, messages: z.array(z.object({ role: z.string(), content: z.unknown() }).loose()).min(1) })
  .loose()
  .meta({
    example: { model: 'simulator', messages: [{ role: 'user', content: 'Hello, how are you?' }], max_tokens: 100 },
  });

const completionRequest = z
  .object({ ...common, prompt: z.unknown() })
  .loose()
  .meta({ example: { model: 'simulator', prompt: 'Once upon a time', max_tokens: 50 } });

const answer = { id: z.string(), created: z.int(), model: z.string(), usage: usage.optional() };
const example = {
  id: 'chatcmpl-123',
  created: 1677652288,
  model: 'simulator',
  usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 },
};

const chatAnswer = z
  .object({
    ...answer,
    object: z.literal('chat.completion'),
    choices: z.array(
      z
        .object({
          index: z.int(),
          message: z.object({ role: z.string(), content: z.string().nullable() }).loose(),
          finish_reason: z.string().nullable(),
        })
        .loose(),
    ),
  })
  .loose()
  .meta({
    example: {
      ...example,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello! I am doing well, thank you for asking.' },
          finish_reason: 'stop',
        },
      ],
    },
  });

const completionAnswer = z
  .object({
    ...answer,
    object: z.literal('text_completion'),
    choices: z.array(z.object({ index: z.int(), text: z.string(), finish_reason: z.string().nullable() }).loose()),
  })
  .loose()
  .meta({
    example: {
      ...example,
      object: 'text_completion',
      choices: [{ index: 0, text: 'there was a gateway.', finish_reason: 'stop' }],
    },
  });

const STREAM =
  'data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1677652288,"model":"simulator","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}\n\ndata: [DONE]\n\n';

const TAG = { tag: 'Completions' };

export const chat = jsonDocument(
  'chat/completions',
  { ...TAG, operation: 'ChatCompletion', summary: 'Chat with' },
  chatRequest,
  chatAnswer,
  STREAM,
);

export const completions = jsonDocument(
  'completions',
  { ...TAG, operation: 'Completion', summary: 'Complete a text with' },
  completionRequest,
  completionAnswer,
  STREAM,
);
