import { z } from 'zod';
import { parseBody } from './body.parser.js';
import { countTokens } from './tokens.js';

const image = z.object({
  model: z.string().min(1),
  prompt: z.string().min(1),
  n: z.int().min(1).max(10).nullish(),
  size: z.string().nullish(),
});

/** A PNG of one transparent pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const TOKENS_PER_IMAGE = 272;

/**
 * The answer to a request for pictures: all are the same pixel, and each costs the same.
 * @throws SimulatorError 400 that names the field
 */
export function imageBody(body: unknown, withUsage: boolean): string {
  const { prompt, n, size } = parseBody(image, body);
  const count = n ?? 1;
  const [input, output] = [countTokens(prompt), count * TOKENS_PER_IMAGE];
  const usage = {
    input_tokens: input,
    input_tokens_details: { text_tokens: input, image_tokens: 0 },
    output_tokens: output,
    total_tokens: input + output,
  };
  return JSON.stringify({
    created: Math.floor(Date.now() / 1000),
    data: Array.from({ length: count }, () => ({ b64_json: PIXEL })),
    output_format: 'png',
    size: size ?? '1024x1024',
    ...(withUsage ? { usage } : {}),
  });
}
