import { z } from 'zod';
import { answerOf } from './answer.js';
import { parseBody } from './body.parser.js';
import type { Call } from './call.js';
import { deliverBody, deliverStream, deliverUnary } from './delivery.js';
import { plainEvent, STREAM_ERROR, type StreamEvent } from './stream.event.js';
import { countTokens, tokenPieces } from './tokens.js';

const transcription = z.object({
  model: z.string().min(1),
  file: z.object({ filename: z.string(), bytes: z.number() }),
  prompt: z.string().optional(),
  response_format: z.enum(['json', 'text', 'verbose_json', 'srt', 'vtt']).optional(),
  stream: z.enum(['true', 'false']).optional(),
});

/** A tenth of a second of 16-bit sound at 16 kHz. */
const BYTES_PER_TOKEN = 3200;

function usageOf(bytes: number, prompt: string, outputTokens: number) {
  const [audio, text] = [Math.ceil(bytes / BYTES_PER_TOKEN), countTokens(prompt)];
  return {
    type: 'tokens',
    input_tokens: audio + text,
    input_token_details: { audio_tokens: audio, text_tokens: text },
    output_tokens: outputTokens,
    total_tokens: audio + text + outputTokens,
  };
}

function* events(pieces: readonly string[], usage: object): Generator<StreamEvent> {
  for (const delta of pieces) yield { text: plainEvent({ type: 'transcript.text.delta', delta }), token: true };
  yield { text: plainEvent({ type: 'transcript.text.done', text: pieces.join(''), ...usage }), token: false };
}

/**
 * Writes down how many bytes a recording has, as it hears nothing else in it.
 * @throws SimulatorError 400 that names the field
 */
export function deliverTranscription(call: Call, form: unknown): Promise<void> {
  const { file, prompt = '', response_format: format = 'json', stream } = parseBody(transcription, form);
  const spoken = `This recording has ${file.bytes} bytes.`;
  const pieces = call.faults.tokens === undefined ? tokenPieces(spoken) : answerOf(call.faults.tokens, spoken);
  const usage = call.faults.noUsage ? {} : { usage: usageOf(file.bytes, prompt, pieces.length) };
  if (stream === 'true') {
    const failure = plainEvent({ type: 'error', ...STREAM_ERROR.body });
    return deliverStream(call, { events: events(pieces, usage), failure });
  }
  const text = pieces.join('');
  if (format !== 'json' && format !== 'verbose_json')
    return deliverBody(call, `${text}\n`, 'text/plain; charset=utf-8');
  return deliverUnary(call, JSON.stringify({ text, ...usage }), pieces.length);
}
