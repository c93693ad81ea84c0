import { parentPort } from 'node:worker_threads';
import { countTokens as countO200k, setMergeCacheSize } from 'gpt-tokenizer/encoding/o200k_base';
import { modelToEncodingMap } from 'gpt-tokenizer/mapping';
import type { CountReply, CountRequest } from './count.message.js';
import { countOrder } from './token-count.order.js';

// A prompt may hold the text of a special token; it is then plain text, not an error.
const PLAIN = { disallowedSpecial: new Set<string>() };

/** The older vocabulary is loaded when it is asked for; most gateways never need it. */
async function counterFor(model: string): Promise<(text: string) => number> {
  if (modelToEncodingMap[model as keyof typeof modelToEncodingMap] !== 'cl100k_base') {
    return text => countO200k(text, PLAIN);
  }
  const { countTokens } = await import('gpt-tokenizer/encoding/cl100k_base');
  return text => countTokens(text, PLAIN);
}

function reply(message: CountReply): void {
  parentPort?.postMessage(message);
}

async function answer(request: CountRequest): Promise<void> {
  try {
    reply({ type: 'counted', id: request.id, count: countOrder(request, await counterFor(request.model)) });
  } catch (error) {
    reply({ type: 'failed', id: request.id, reason: error instanceof Error ? error.name : 'unknown' });
  }
}

// What was counted before is a caller's text: none of it is kept.
setMergeCacheSize(0);
parentPort?.on('message', (request: CountRequest) => void answer(request));
reply({ type: 'ready' });
