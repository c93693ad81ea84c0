import type { z } from 'zod';
import { type Endpoint, endpointAt } from '../../models/index.js';

interface Body {
  schema: object;
  example: unknown;
}

/** An endpoint as the OpenAPI document tells of it. The data plane itself passes bodies on and reads none of this. */
export interface EndpointDocument {
  endpoint: Endpoint;
  tag: string;
  /** What its operations are named after, such as `ChatCompletion`. */
  operation: string;
  /** What it does with a model, up to the model: `Chat with`. */
  summary: string;
  /** By content type. */
  request: Record<string, Body>;
  answer: Record<string, Body>;
}

/** A JSON body by its schema, which holds an example. @param io which side of a default is meant */
export const json = (schema: z.ZodType, io: 'input' | 'output'): Record<string, Body> => {
  const { $schema: _dialect, example, ...rest } = schema.toJSONSchema({ io });
  return { 'application/json': { schema: rest, example } };
};

export const events = (example: string): Record<string, Body> => ({
  'text/event-stream': { schema: { type: 'string' }, example },
});

/** An endpoint of JSON bodies. @param stream an example, where it may answer as events */
export const jsonDocument = (
  path: string,
  words: Pick<EndpointDocument, 'tag' | 'operation' | 'summary'>,
  request: z.ZodType,
  answer: z.ZodType,
  stream?: string,
): EndpointDocument => ({
  endpoint: endpointAt(path),
  ...words,
  request: json(request, 'input'),
  answer: { ...json(answer, 'output'), ...(stream === undefined ? {} : events(stream)) },
});
