import { isUtf8 } from 'node:buffer';
import { invalidJson, invalidRequest } from '../platform/errors/index.js';
import { type ObjectLayout, walkJson } from '../platform/json/index.js';
import type { Endpoint } from './endpoint.js';
import { outputCapOf } from './output-cap.js';
import { PromptBound, UNBOUNDED } from './prompt-bound.js';
import { SettingsReader } from './request-settings.js';
import { StoredReferences } from './stored-response.js';

/** What the gateway knows of a request's body; all else passes through untouched. */
export interface ModelRequest {
  /** The members that admission goes by. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where they stand in the body; absent for a form. */
  readonly layout: ObjectLayout | undefined;
  /** As the caller named it, an id or an alias; `undefined` where only the path names it. */
  readonly model: string | undefined;
  readonly stream: boolean;
  /** Tokens; the largest of the caps that the body names. */
  readonly outputCap: number | null;
  /** Number of prompts that have answers of their own. */
  readonly promptCount: number;
  /** Upper bound of the prompt's tokens. Computed for strict tiers only; {@link UNBOUNDED} elsewhere. */
  readonly promptBound: number;
}

export interface ReadOptions {
  endpoint: Endpoint;
  /** Whether the tier never overshoots, so that the prompt's bound is needed. */
  strict: boolean;
}

/** @throws ApiError 400 where a setting is not of its type */
function requestOf(reader: SettingsReader, bound: PromptBound | undefined): ModelRequest {
  const { settings, layout, promptCount } = reader;
  const { model, stream } = settings;
  if (model !== undefined && (typeof model !== 'string' || model === ''))
    throw invalidRequest('model must be the id of a model', 'model');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    throw invalidRequest('stream must be a boolean', 'stream');
  return {
    settings,
    layout,
    model,
    stream: stream === true,
    outputCap: outputCapOf(settings),
    promptCount,
    promptBound: bound?.tokens ?? UNBOUNDED,
  };
}

/**
 * Reads the body of a data-plane request. A body of more than 128 KiB is read in steps between which others are served.
 * @returns what the gateway knows of it; a promise for a long body
 * @throws ApiError 400 where it is no JSON object, or has a setting of another type, twice or in another case; 404 where
 * it refers to stored responses
 */
export function readModelRequest(
  bytes: Buffer,
  { endpoint, strict }: ReadOptions,
): ModelRequest | Promise<ModelRequest> {
  if (bytes.length === 0) throw invalidJson('A JSON body is required');
  // What a lenient decoder would make of other bytes is not what goes upstream.
  if (!isUtf8(bytes)) throw invalidJson();
  const bound = strict ? new PromptBound() : undefined;
  const reader = new SettingsReader(endpoint.path === 'responses' ? new StoredReferences() : undefined, bound);
  const finish = (isWhole: boolean): ModelRequest => {
    if (!isWhole) throw invalidJson('The body is not valid JSON, or nested too deeply');
    return requestOf(reader, bound);
  };
  const walked = walkJson(bytes, reader);
  return typeof walked === 'boolean' ? finish(walked) : walked.then(finish);
}
