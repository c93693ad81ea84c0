import { isAscii, isUtf8 } from 'node:buffer';
import { invalidJson, invalidRequest } from '../platform/errors/index.js';
import { JSON_MAX_DEPTH, type JsonMember, topLevelMembers } from '../platform/json/index.js';
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

const QUOTED = [...UNIQUE].map(key => [key, `"${key}"`] as const);

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

/** What a lenient decoder would make of other bytes is not what goes upstream. @throws ApiError 400 */
function decoded(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) throw invalidJson();
  return bytes.toString('utf8');
}

/** @throws ApiError 400 where it is no JSON object */
function objectOf(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalidJson();
  }
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object');
  return body;
}

/** Longer bodies are gone through member by member, where long strings are passed over natively. */
const SHORT_BYTES = 16 * 1024;

/** Whether so few brackets open that none can be too deep. */
function isShallow(bytes: Buffer): boolean {
  if (bytes.length > SHORT_BYTES) return false;
  let openings = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) openings++;
  }
  return openings < JSON_MAX_DEPTH;
}

/** Whether each member that admission goes by stands in the text once, however it might be spelled. */
function isUnambiguous(body: Record<string, unknown>, text: string): boolean {
  if (text.includes('\\u')) return false;
  for (const [key, quoted] of QUOTED) {
    if (body[key] === undefined) continue;
    if (text.indexOf(quoted, text.indexOf(quoted) + quoted.length) !== -1) return false;
  }
  return true;
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) throw invalidJson('A JSON body is required');
  if (isShallow(bytes)) {
    // Nearly every body: parsed at once, and its members not looked at one by one, which takes as long again.
    const text = decoded(bytes);
    const body = objectOf(text);
    if (!isUnambiguous(body, text)) refuseDoubles(topLevelMembers(bytes) ?? []);
    return body;
  }
  const members = topLevelMembers(bytes);
  // Brackets are not parsed to be refused: a body of nothing else would take many times its size.
  const opening = members === undefined ? bytes.find(byte => byte > SPACE) : undefined;
  if (opening === OPEN_BRACKET) throw invalidRequest('The body must be a JSON object');
  if (opening === OPEN_BRACE) throw invalidJson('The body is not valid JSON, or nested too deeply');
  const body = objectOf(decoded(bytes));
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
