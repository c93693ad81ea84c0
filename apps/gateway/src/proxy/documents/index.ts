import { chat, completions } from './completion.documents.js';
import { embeddings, rerank, score, tokenize } from './embedding.documents.js';
import type { EndpointDocument } from './endpoint.document.js';
import { images, speech, transcriptions, translations } from './media.documents.js';
import { messages, tokenCount } from './message.documents.js';
import { responses } from './response.documents.js';

export type { EndpointDocument } from './endpoint.document.js';

/** All endpoints of the data plane; each has the routes that its document tells of. */
export const DOCUMENTS: readonly EndpointDocument[] = [
  chat,
  completions,
  responses,
  messages,
  tokenCount,
  embeddings,
  rerank,
  score,
  tokenize,
  images,
  speech,
  transcriptions,
  translations,
];
