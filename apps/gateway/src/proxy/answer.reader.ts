import type { ApiError } from '../platform/errors/index.js';
import type { TokenUsage } from '../usage/index.js';
import type { ModelName } from './model.name.js';
import type { RelayedText } from './relayed.text.js';

/** What a client asked to see of usage in its stream; the rest is taken out again. */
export interface UsageWish {
  /** A chunk with the usage at the end. */
  include: boolean;
  /** The usage so far on each chunk. */
  continuous: boolean;
}

/**
 * What an event is to its stream: `more` comes, it is the `end` of a whole answer or the end of a `failed` one that the
 * client is told in the upstream's own words, or it is an `error` in place of all that should have come.
 */
export type Reading = 'more' | 'end' | 'failed' | 'error';

/** Reads answers in the words of one API: what they report, what text they carry, where they end. */
export interface AnswerReader {
  /** What was passed on since the last report. */
  readonly text: RelayedText;
  /** Reads the data of one event. */
  read(data: Buffer): Reading;
  /** The model's name in what was read last. */
  readonly model: ModelName;
  /** The data that was read last, as a client may see it; `undefined` where it may not see the event at all. */
  shown(data: Buffer, wish: UsageWish): Buffer | undefined;
  /** The event that tells a client of a failure after the stream has begun. */
  errorEvent(error: ApiError): string;
  /** Reads an answer that is no stream. @returns whether it is a JSON object, from its first byte to its last */
  readWhole(body: Buffer): boolean;
  /** The upstream's latest report. What `text` holds came after it. */
  usage(): TokenUsage | undefined;
}
