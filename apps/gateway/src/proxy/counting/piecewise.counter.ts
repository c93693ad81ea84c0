/**
 * A tokenizer's time grows with the square of what it cannot split at a space: a run of one letter, a page of Chinese.
 * No piece is longer, so that no text takes more than some microseconds per character.
 */
const PIECE_CHARS = 256;

const SPACE = 0x20;
const isHighSurrogate = (code: number): boolean => (code & 0xfc00) === 0xd800;
const isWhite = (code: number): boolean => code === SPACE || (code >= 0x09 && code <= 0x0d) || code === 0xa0;
/** What is surely a letter; a space before it begins a token in every vocabulary. */
const isLatinLetter = (code: number): boolean => (code | SPACE) >= 0x61 && (code | SPACE) <= 0x7a;

/** The last place at or before `end` where tokens are sure not to reach across; `end` itself where there is none. */
function boundaryBefore(text: string, start: number, end: number): number {
  for (let at = end - 1; at > start; at--) {
    if (text.charCodeAt(at) !== SPACE) continue;
    if (isLatinLetter(text.charCodeAt(at + 1)) && !isWhite(text.charCodeAt(at - 1))) return at;
  }
  return isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
}

/** The tokens of a text, counted in pieces. A text without spaces may count a token more per piece. */
export function countPiecewise(text: string, countTokens: (piece: string) => number): number {
  let tokens = 0;
  let start = 0;
  while (text.length - start > PIECE_CHARS) {
    const end = boundaryBefore(text, start, start + PIECE_CHARS);
    tokens += countTokens(text.slice(start, end));
    start = end;
  }
  return start < text.length ? tokens + countTokens(text.slice(start)) : tokens;
}
