import ranks from 'gpt-tokenizer/bpeRanks/cl100k_base';
import { encode } from 'gpt-tokenizer/encoding/cl100k_base';

// A prompt may hold the text of a special token; it is then plain text, not an error.
const PLAIN = { disallowedSpecial: new Set<string>() };
const CACHED_TEXTS = 2000;
const CACHED_TEXT_CHARS = 4000;
const counts = new Map<string, number>();

/** The number of tokens of a text. Short texts are remembered: a bench sends the same prompt over and over. */
export function countTokens(text: string): number {
  if (text.length > CACHED_TEXT_CHARS) return encode(text, PLAIN).length;
  let count = counts.get(text);
  if (count === undefined) {
    count = encode(text, PLAIN).length;
    if (counts.size >= CACHED_TEXTS) counts.clear();
    counts.set(text, count);
  }
  return count;
}

/** The number of each token of a text. */
export const tokenIds = (text: string): number[] => encode(text, PLAIN);

/**
 * The text of each token, in order. A character that spans several tokens belongs to the last of them and the
 * others are empty, so that no piece is ever broken UTF-8 and there is still one piece per token.
 */
export function tokenPieces(text: string): string[] {
  // ignoreBOM: a decoder that drops a byte order mark would lose a character of the text.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return encode(text, PLAIN).map(token => {
    const bytes = ranks[token];
    if (bytes === undefined) throw new RangeError(`the encoding has no token ${token}`);
    return decoder.decode(typeof bytes === 'string' ? Buffer.from(bytes) : Uint8Array.from(bytes), { stream: true });
  });
}
