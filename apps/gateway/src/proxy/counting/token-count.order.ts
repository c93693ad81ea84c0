import { REASONING_BREAK, TEXT_BREAK } from '../relayed.text.js';
import { countPiecewise } from './piecewise.counter.js';
import { promptOf } from './prompt.texts.js';
import type { TokenCount, TokenCountOrder } from './token-count.js';

/** What is longer would keep others waiting: at its worst this takes most of a second, as prose some 40 ms. */
export const MAX_COUNTED_BYTES = 1024 * 1024;

/** The inside of a JSON string as the text it stands for; what an upstream wrote wrongly is taken as it stands. */
function unescaped(inside: string): string {
  if (!inside.includes('\\')) return inside;
  try {
    return JSON.parse(`"${inside}"`) as string;
  } catch (error) {
    if (error instanceof SyntaxError) return inside;
    throw error;
  }
}

function countTexts(kept: Buffer, countTokens: (text: string) => number): TokenCount {
  const count = { outputTokens: 0, reasoningTokens: 0 };
  let at = 0;
  while (at < kept.length) {
    const isReasoning = kept[at] === REASONING_BREAK;
    let end = at + 1;
    while (end < kept.length && kept[end] !== TEXT_BREAK && kept[end] !== REASONING_BREAK) end++;
    const begin = kept[at] === TEXT_BREAK || isReasoning ? at + 1 : at;
    const tokens = countPiecewise(unescaped(kept.toString('utf8', begin, end)), countTokens);
    count.outputTokens += tokens;
    if (isReasoning) count.reasoningTokens += tokens;
    at = end;
  }
  return count;
}

function countPrompt(body: Buffer, countTokens: (text: string) => number): number | undefined {
  const prompt = promptOf(JSON.parse(body.toString('utf8')));
  return prompt?.texts.reduce((sum, text) => sum + countPiecewise(text, countTokens), prompt.tokens);
}

/** Counts what was ordered, with a tokenizer. */
export function countOrder({ prompt, text }: TokenCountOrder, countTokens: (text: string) => number): TokenCount {
  const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    inputTokens: prompt && countPrompt(bufferOf(prompt), countTokens),
    ...countTexts(bufferOf(text), countTokens),
  };
}
