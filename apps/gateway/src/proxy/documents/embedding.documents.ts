import { z } from 'zod';
import { jsonDocument } from './endpoint.document.js';

const TAG = { tag: 'Embeddings' };
const model = z.string().describe('The id or an alias of a model');
const usage = z.object({ total_tokens: z.int() }).loose().optional();

export const embeddings = jsonDocument(
  'embeddings',
  { ...TAG, operation: 'Embedding', summary: 'Embed texts with' },
  z
    .object({
      model,
      input: z.unknown().describe('A text, texts, or token ids'),
      encoding_format: z.string().optional(),
    })
    .loose()
    .meta({ example: { model: 'simulator', input: ['Hello', 'How are you?'] } }),
  z
    .object({
      object: z.literal('list'),
      model: z.string(),
      data: z.array(z.object({ index: z.int(), embedding: z.unknown() }).loose()),
      usage,
    })
    .loose()
    .meta({
      example: {
        object: 'list',
        model: 'simulator',
        data: [{ object: 'embedding', index: 0, embedding: [0.01, -0.02] }],
        usage: { prompt_tokens: 5, total_tokens: 5 },
      },
    }),
);

export const rerank = jsonDocument(
  'rerank',
  { ...TAG, operation: 'Ranking', summary: 'Rank documents by a query with' },
  z
    .object({ model, query: z.unknown(), documents: z.array(z.unknown()), top_n: z.int().optional() })
    .loose()
    .meta({ example: { model: 'simulator', query: 'What is a gateway?', documents: ['A door.', 'A fish.'] } }),
  z
    .object({ results: z.array(z.object({ index: z.int(), relevance_score: z.number() }).loose()), usage })
    .loose()
    .meta({ example: { results: [{ index: 0, relevance_score: 0.97 }], usage: { total_tokens: 14 } } }),
);

export const score = jsonDocument(
  'score',
  { ...TAG, operation: 'Score', summary: 'Score pairs of texts with' },
  z
    .object({ model, text_1: z.unknown().optional(), text_2: z.unknown().optional() })
    .loose()
    .meta({ example: { model: 'simulator', text_1: 'What is a gateway?', text_2: ['A door.', 'A fish.'] } }),
  z
    .object({ data: z.array(z.object({ index: z.int(), score: z.number() }).loose()), usage })
    .loose()
    .meta({ example: { data: [{ index: 0, score: 0.97 }], usage: { total_tokens: 14 } } }),
);

export const tokenize = jsonDocument(
  'tokenize',
  { ...TAG, operation: 'Tokenization', summary: 'Tokenize a text with' },
  z
    .object({ model, prompt: z.string().optional(), messages: z.array(z.unknown()).optional() })
    .loose()
    .meta({ example: { model: 'simulator', prompt: 'Hello' } }),
  z
    .object({ count: z.int(), tokens: z.array(z.int()) })
    .loose()
    .meta({ example: { count: 1, tokens: [9906], max_model_len: 32_768 } }),
);
