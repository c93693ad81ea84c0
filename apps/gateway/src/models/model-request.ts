import { isUtf8 } from 'node:buffer';
import { invalidJson, invalidRequest } from '../platform/errors/index.js';
import { type JsonMember, topLevelMembers } from '../platform/json/index.js';
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

const SPACE = 0x20;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws ApiError 400 where a member that admission goes by is named twice */
function refuseDoubles(members: readonly JsonMember[]): void {
  let named: string[] | undefined;
  for (const { key } of members) {
    if (!UNIQUE.has(key)) continue;
    if (named?.includes(key) === true) throw invalidRequest(`${key} is named twice`, key);
    (named ??= []).push(key);
  }
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) throw invalidJson('A JSON body is required');
  const members = topLevelMembers(bytes);
  // Brackets are not parsed to be refused: a body of nothing else would take many times its size.
  const opening = members === undefined ? bytes.find(byte => byte > SPACE) : undefined;
  if (opening === OPEN_BRACKET) throw invalidRequest('The body must be a JSON object');
  if (opening === OPEN_BRACE) throw invalidJson('The body is not valid JSON, or nested too deeply');
  // What a lenient decoder would make of other bytes is not what goes upstream.
  if (!isUtf8(bytes)) throw invalidJson();
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalidJson();
  }
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object');
  refuseDoubles(members ?? []);
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
