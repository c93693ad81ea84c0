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
