import { isUtf8 } from 'node:buffer';
import { invalidJson, invalidRequest } from '../platform/errors/index.js';
import { type JsonMember, topLevelMembers } from '../platform/json/index.js';
import { outputCapOf } from './output-cap.js';
import { SETTINGS, settingsOf } from './request-settings.js';

/** What the gateway needs to know of a body; all else passes through untouched. */
export interface ModelRequest {
  /** The members that admission goes by. */
  settings: Readonly<Record<string, unknown>>;
  /** As the caller named it: an id or an alias. */
  model: string;
  stream: boolean;
  /** Tokens; the largest of the caps that the body names. */
  outputCap: number | null;
  /** All of the body; parsed when it is asked for, which most requests never are. */
  readonly body: Readonly<Record<string, unknown>>;
}

const UNIQUE: ReadonlySet<string> = new Set(SETTINGS);

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

class ParsedRequest implements ModelRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly outputCap: number | null;

  constructor(
    private readonly bytes: Buffer,
    readonly settings: Readonly<Record<string, unknown>>,
    private parsed: Readonly<Record<string, unknown>> | undefined,
  ) {
    const { model, stream } = settings;
    if (typeof model !== 'string' || model === '') throw invalidRequest('model is required', 'model');
    if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
      throw invalidRequest('stream must be a boolean', 'stream');
    this.model = model;
    this.stream = stream === true;
    this.outputCap = outputCapOf(settings);
  }

  get body(): Readonly<Record<string, unknown>> {
    return (this.parsed ??= parseObject(this.bytes));
  }
}

/**
 * Reads the body of a data-plane request.
 * @throws ApiError 400 where it is no JSON object, names no model, `stream` is not a boolean, or an output cap no count
 */
export function parseModelRequest(bytes: Buffer): ModelRequest {
  const settings = settingsOf(bytes);
  if (settings !== undefined) return new ParsedRequest(bytes, settings, undefined);
  const body = parseObject(bytes);
  return new ParsedRequest(bytes, body, body);
}
