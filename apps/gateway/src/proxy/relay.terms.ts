import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { DirectAnswer } from '../platform/direct/index.js';
import type { Lifecycle } from '../platform/health/index.js';
import type { Outcome } from '../usage/index.js';
import type { AnswerMeasure } from './answer.js';
import type { AnswerReader, UsageWish } from './answer.reader.js';
import type { HeaderList } from './hop-by-hop.headers.js';
import type { UpstreamFailure } from './upstream-failure.js';

// What relay() is given, and what it tells in the end.

export interface RelayRequest {
  dispatcher: Dispatcher;
  /** What is asked of the upstream. */
  origin: string;
  path: string;
  headers: HeaderList;
  body: Buffer | Readable;
  /** The client's side; nothing is written to it before the upstream's first byte. */
  response: DirectAnswer;
  /** Sent with the head: the request id, and what is left of the limits at that moment. */
  headersOfHead: () => HeaderList;
  reader: AnswerReader;
  wish: UsageWish;
  /** Knows what runs, and cuts it off when the process will not wait any longer. */
  lifecycle: Pick<Lifecycle, 'begin' | 'end'>;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  /** For how long the client may take none of the bytes that wait for it; 0 for ever. */
  clientStallMs: number;
  /**
   * Settles and writes down what the request came to. Called exactly once, and before the last byte goes out: an answer
   * that a client has seen whole is in the ledger.
   * @returns nothing where that is done; else a promise of it, and the last byte waits
   */
  settle: (result: RelayResult) => Promise<void> | undefined;
}

export interface RelayResult extends AnswerMeasure {
  outcome: Outcome;
  /** What the client was or would have been answered with. */
  status: number;
  firstByteAt: Date | null;
  bytesOut: number;
  /** What ended it before its end, where something did. */
  brokenBy: UpstreamFailure | undefined;
  /** The same, where nothing was sent: what the client is to be answered with. */
  failure: UpstreamFailure | undefined;
}
