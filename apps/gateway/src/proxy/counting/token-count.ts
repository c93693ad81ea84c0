import type { TextCount } from '../relayed.text.js';

/** What is to be counted. */
export interface TokenCountOrder {
  /** The upstream's name of the model, by which a tokenizer is chosen. */
  model: string;
  /** A request's body, JSON; absent where its tokens are known. */
  prompt?: Uint8Array | undefined;
  /** Texts as `RelayedText` keeps them. */
  text: Uint8Array;
}

/** What it came to. */
export interface TokenCount extends TextCount {
  /** Absent where there was no prompt, or it holds what is no text. */
  inputTokens?: number | undefined;
}
