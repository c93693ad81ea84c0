import { invalidJson, invalidRequest } from '../platform/errors/index.js';
import { topLevelMembers } from '../platform/json/index.js';
import { CAPS, outputCapOf } from './output-cap.js';

/** What the gateway needs to know of a body; all else passes through untouched. */
export interface ModelRequest {
  body: Record<string, unknown>;
  /** As the caller named it: an id or an alias. */
  model: string;
  stream: boolean;
  /** Tokens; the largest of the caps that the body names. */
  outputCap: number | null;
}

/** What admission goes by: of two values an upstream might take the one that was not checked. */
const UNIQUE = new Set(['model', 'stream', 'stream_options', 'n', 'best_of', ...CAPS]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) throw invalidJson('A JSON body is required');
  let body: unknown;
  try {
    // A fatal decoder that keeps a BOM, because a lenient one would read other bytes than go upstream.
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw invalidJson();
  }
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object');
  const named = new Set<string>();
  for (const { key } of topLevelMembers(bytes) ?? []) {
    if (UNIQUE.has(key) && named.has(key)) throw invalidRequest(`${key} is named twice`, key);
    named.add(key);
  }
  return body;
}

/**
 * Reads the body of a data-plane request, once.
 * @throws ApiError 400 where it is no JSON object, names no model, `stream` is not a boolean, or an output cap no count
 */
export function parseModelRequest(bytes: Buffer): ModelRequest {
  const body = parseObject(bytes);
  const { model, stream } = body;
  if (typeof model !== 'string' || model === '') throw invalidRequest('model is required', 'model');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    throw invalidRequest('stream must be a boolean', 'stream');
  return { body, model, stream: stream === true, outputCap: outputCapOf(body) };
}
