/** What goes wrong on purpose with one request. */
export interface Faults {
  /** Answer with this HTTP status. */
  readonly status?: number;
  /** `Retry-After` beside the status, in seconds. */
  readonly retryAfterSeconds?: number;
  /** Wait this long before the headers, in milliseconds. */
  readonly delayMs?: number;
  /** Destroy the connection after this many content chunks; a unary answer after half of its body. */
  readonly cutAfter?: number;
  /** Send nothing more after this many content chunks, with the connection open. */
  readonly silenceAfter?: number;
  /** Answer exactly this many tokens, whatever the request's cap. */
  readonly tokens?: number;
  /** Answer a request for speech with exactly this many bytes. */
  readonly bytes?: number;
  /** A stream that breaks off within an event, or a body that is not JSON. */
  readonly malformed?: boolean;
  /** Never answer. */
  readonly hang?: boolean;
  /** Report no usage, even when asked to. */
  readonly noUsage?: boolean;
  /** Send an error event after this many content chunks, and then the end of the stream. */
  readonly errorAfter?: number;
  /** Encode the body, although nobody asked for that. */
  readonly gzip?: boolean;
  readonly brotli?: boolean;
  /** End the lines of a stream in CRLF. */
  readonly crlf?: boolean;
  /** Send a comment before each event of a stream. */
  readonly comments?: boolean;
  /** Refuse the prompt as too long. */
  readonly contextLength?: boolean;
}

/** A directive that is none of the known ones; the message names it. */
export class UnknownFaultError extends Error {
  override readonly name = 'UnknownFaultError';
}

const AMOUNTS = new Map<string, keyof Faults>([
  ['status', 'status'],
  ['retry-after', 'retryAfterSeconds'],
  ['delay', 'delayMs'],
  ['cut-after', 'cutAfter'],
  ['silence-after', 'silenceAfter'],
  ['tokens', 'tokens'],
  ['error-after', 'errorAfter'],
  ['bytes', 'bytes'],
]);

const FLAGS = new Map<string, keyof Faults>([
  ['malformed', 'malformed'],
  ['hang', 'hang'],
  ['no-usage', 'noUsage'],
  ['context-length', 'contextLength'],
  ['gzip', 'gzip'],
  ['brotli', 'brotli'],
  ['crlf', 'crlf'],
  ['comments', 'comments'],
]);

/** Of what takes time or memory; bytes are made as they are sent. */
const MAX_AMOUNT = 999_999;
const MODEL_PREFIX = 'fault-';

/** One directive, as `cut-after=3` (header) or `cut-after-3` (model name). */
function parseDirective(directive: string): [keyof Faults, number | boolean] {
  const flag = FLAGS.get(directive);
  if (flag !== undefined) return [flag, true];
  const match = /^([a-z-]+)[=-](\d{1,12})$/.exec(directive);
  const amount = AMOUNTS.get(match?.[1] ?? '');
  const value = Number(match?.[2]);
  const allowed = amount === 'status' ? value >= 400 && value <= 599 : amount === 'bytes' || value <= MAX_AMOUNT;
  if (amount === undefined || !allowed) {
    throw new UnknownFaultError(`there is no fault "${directive}"`);
  }
  return [amount, value];
}

/**
 * The faults that a request asks for: by header, and by a model name such as `fault-status-503.retry-after-2`.
 * @throws UnknownFaultError
 */
export function parseFaults(header: string | undefined, model: string | undefined): Faults {
  const directives = header === undefined ? [] : header.split(',');
  if (model?.startsWith(MODEL_PREFIX)) directives.push(...model.slice(MODEL_PREFIX.length).split('.'));
  return Object.fromEntries(directives.map(directive => parseDirective(directive.trim())));
}
