import { z } from 'zod';
import { parseBody } from './body.parser.js';
import type { Call } from './call.js';
import { randomFrom, seedOf } from './seed.js';
import { countTokens } from './tokens.js';

const CONTENT_TYPES = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
} as const;
const FORMATS = Object.keys(CONTENT_TYPES) as (keyof typeof CONTENT_TYPES)[];
const speech = z.object({
  model: z.string().min(1),
  input: z.string().min(1),
  voice: z.union([z.string(), z.looseObject({ id: z.string() })]),
  response_format: z.enum(FORMATS).nullish(),
});

const BYTES_PER_TOKEN = 4096;
const CHUNK_BYTES = 65_536;

/** Noise in place of sound, always the same for the same text. */
function noiseOf(text: string): Uint8Array {
  const random = randomFrom(seedOf(text));
  return Uint8Array.from({ length: CHUNK_BYTES }, () => random() * 256);
}

/**
 * Reads a text aloud: some bytes of noise for each of its tokens, or as many as a fault asks for, sent as fast as the
 * client takes them.
 * @throws SimulatorError 400 that names the field
 */
export async function deliverSpeech({ exchange, faults, pace }: Call, body: unknown): Promise<void> {
  const { input, response_format: format } = parseBody(speech, body);
  await exchange.pause(pace.firstTokenDelayMs);
  if (exchange.isGone()) return;
  exchange.begin(CONTENT_TYPES[format ?? 'mp3']);
  const noise = noiseOf(input);
  let left = faults.bytes ?? countTokens(input) * BYTES_PER_TOKEN;
  for (let chunks = 0; left > 0 && !exchange.isGone(); chunks++) {
    if (chunks === faults.cutAfter) return exchange.severAfter('');
    if (chunks === faults.silenceAfter) return exchange.untilGone();
    await exchange.write(noise.subarray(0, left));
    left -= CHUNK_BYTES;
  }
  exchange.end();
}
