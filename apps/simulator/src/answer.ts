import { randomFrom, seedOf } from './seed.js';
import { tokenPieces } from './tokens.js';

const KNOWN = new Map<string, readonly string[]>(
  (
    [
      ['hello, how are you?', 'Hello! I am doing well, thank you for asking.'],
      ['what is the capital of france?', 'The capital of France is Paris.'],
    ] as const
  ).map(([question, answer]) => [question, tokenPieces(answer)]),
);

const OPENINGS = [
  'That is a good question.',
  'Thank you for asking.',
  'I am happy to help with that.',
  'Let us look at it step by step.',
].map(tokenPieces);

// Each begins with a space, so that the sentences' tokens, put together, are the tokens of the whole text.
const SENTENCES = [
  'I am a simulator, so no model has thought about these words, but they are counted as honestly as if one had.',
  'Start with the smallest thing that could possibly work, and measure it before you improve it.',
  'A good explanation begins with what the reader already knows and adds one idea at a time.',
  'Imagine a small robot that waters the plants of a quiet library every morning, long before anybody arrives.',
  'It knows each plant by name, and on Sundays it reads to them from the books that nobody borrows.',
  'Most surprises in a large system come from the seams between its parts rather than from the parts.',
  'If two answers look equally right, prefer the one that is easier to undo.',
  'Café owners in 東京 and naïve tourists agree on one point: a smile helps 😊.',
  'Write down what you expect to happen, then try it, and look closely at the difference.',
  'There are three things to keep in mind: clarity, patience and a sense of proportion.',
  'The details depend on your situation, yet the general idea stays the same.',
  'When in doubt, ask the people who will have to live with the result.',
  'A queue that nobody watches grows until everybody does.',
  'Rain fell softly on the roof while the machines hummed in the room below.',
  'In simple terms, a particle can behave like a wave, and a wave can behave like a particle.',
  'You can check this yourself with a pencil, a sheet of paper and ten quiet minutes.',
].map(sentence => tokenPieces(` ${sentence}`));

const LEAST_SENTENCES = 16;
const MORE_SENTENCES = 12;

function* sentencesFor(prompt: string, choice: number): Generator<readonly string[]> {
  const random = randomFrom(seedOf(prompt) + choice);
  const pick = (from: readonly (readonly string[])[]) => from[Math.floor(random() * from.length)] ?? [];
  yield pick(OPENINGS);
  for (let left = LEAST_SENTENCES + Math.floor(random() * MORE_SENTENCES); left > 0; left--) yield pick(SENTENCES);
}

/**
 * The answer to a prompt, one text piece per token: always the same for the same prompt and choice. Two well-known
 * questions have short answers; any other has some hundreds of tokens.
 * @param atMost how many tokens the caller can use; the answer may end a little later
 */
export function answerTo(prompt: string, choice = 0, atMost = Infinity): readonly string[] {
  const known = KNOWN.get(prompt.trim().toLowerCase());
  if (known !== undefined) return known;
  const pieces: string[] = [];
  for (const sentence of sentencesFor(prompt, choice)) {
    pieces.push(...sentence);
    if (pieces.length > atMost) break;
  }
  return pieces;
}

/** An answer of exactly this many tokens. */
export function answerOf(tokens: number, prompt: string, choice = 0): readonly string[] {
  const pieces = [...answerTo(prompt, choice, tokens)];
  const random = randomFrom(tokens);
  while (pieces.length < tokens) pieces.push(...(SENTENCES[Math.floor(random() * SENTENCES.length)] ?? []));
  return pieces.slice(0, tokens);
}
