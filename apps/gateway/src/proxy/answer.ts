import type { TokenUsage } from '../usage/index.js';
import type { UpstreamFailure } from './upstream-failure.js';

/** What an answer came to, told once, before its last byte goes out. */
export interface AnswerMeasure {
  usage: TokenUsage | undefined;
  /** Output tokens as far as the relayed events tell; 0 for an answer that is no stream. */
  outputEstimate: number;
}

/** Where the bytes of an answer go. */
export interface AnswerOutlet {
  /** Sends status and headers; the first thing that is sent. */
  head(headers: Record<string, string | string[]>): void;
  /** @returns false where the client is slower than its upstream */
  write(bytes: Buffer): boolean;
  /** Settles the request before its last `bytesToCome` are written; a head sent after it tells what is left now. */
  settle(measure: AnswerMeasure, bytesToCome: number): void;
}

/** One way to pass an answer on: as a stream of events, or whole. */
export interface Answer {
  /** @returns false where the upstream must wait until the client has taken what was sent */
  data(chunk: Buffer): boolean;
  /** The upstream has sent everything. @returns the failure that such an end is, if it is one */
  end(): UpstreamFailure | undefined;
  /** The exchange broke off: what a client that has seen the head is still to be told. */
  breakOff(failure: UpstreamFailure): void;
  measure(): AnswerMeasure;
}
