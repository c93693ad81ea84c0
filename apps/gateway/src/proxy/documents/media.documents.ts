import { z } from 'zod';
import { endpointAt } from '../../models/index.js';
import { type EndpointDocument, events, json, jsonDocument } from './endpoint.document.js';

const model = z.string().describe('The id or an alias of a model');

export const images = jsonDocument(
  'images/generations',
  { tag: 'Images', operation: 'Image', summary: 'Make images with' },
  z
    .object({ model, prompt: z.string(), n: z.int().positive().optional(), size: z.string().optional() })
    .loose()
    .meta({ example: { model: 'simulator', prompt: 'A door in a wall', n: 1 } }),
  z
    .object({ created: z.int(), data: z.array(z.object({ b64_json: z.string().optional() }).loose()) })
    .loose()
    .meta({ example: { created: 1_795_430_400, data: [{ b64_json: 'iVBORw0KGgo=' }] } }),
  'event: image_generation.completed\ndata: {"type":"image_generation.completed","b64_json":"iVBORw0KGgo="}\n\n',
);

const AUDIO = { tag: 'Audio' };

const speechRequest = z
  .object({ model, input: z.string(), voice: z.unknown(), response_format: z.string().optional() })
  .loose()
  .meta({ example: { model: 'simulator', input: 'Hello', voice: 'alloy' } });

export const speech: EndpointDocument = {
  endpoint: endpointAt('audio/speech'),
  ...AUDIO,
  operation: 'Speech',
  summary: 'Speak a text with',
  request: json(speechRequest, 'input'),
  answer: {
    'audio/mpeg': { schema: { type: 'string', contentMediaType: 'audio/mpeg' }, example: 'The bytes, as they come' },
    ...events('event: speech.audio.delta\ndata: {"type":"speech.audio.delta","audio":"SUQz"}\n\n'),
  },
};

const audioForm = {
  'multipart/form-data': {
    schema: {
      type: 'object',
      required: ['file', 'model'],
      properties: {
        model: { type: 'string', description: 'The id or an alias of a model; best before the file' },
        file: { type: 'string', contentMediaType: 'application/octet-stream' },
        response_format: { type: 'string' },
        stream: { type: 'boolean', description: 'Answer as server-sent events' },
      },
    },
    example: { model: 'simulator', file: 'The bytes of a sound file' },
  },
};

const transcript = z
  .object({ text: z.string() })
  .loose()
  .meta({
    example: { text: 'Hello', usage: { type: 'tokens', input_tokens: 14, output_tokens: 1, total_tokens: 15 } },
  });

const transcriptDocument = (path: string, operation: string, summary: string): EndpointDocument => ({
  endpoint: endpointAt(path),
  ...AUDIO,
  operation,
  summary,
  request: audioForm,
  answer: {
    ...json(transcript, 'output'),
    'text/plain': { schema: { type: 'string' }, example: 'Hello' },
    ...events('data: {"type":"transcript.text.delta","delta":"Hello"}\n\n'),
  },
});

export const transcriptions = transcriptDocument('audio/transcriptions', 'Transcription', 'Transcribe audio with');
export const translations = transcriptDocument('audio/translations', 'Translation', 'Translate audio to English with');
