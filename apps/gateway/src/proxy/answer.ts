import type { TokenUsage } from '../usage/index.js';
import type { HeaderList } from './hop-by-hop.headers.js';
import type { RelayedText } from './relayed.text.js';
import type { UpstreamFailure } from './upstream-failure.js';

/** What an answer came to, told once, before its last byte goes out. */
export interface AnswerMeasure {
  /** The upstream's latest report. */
  usage: TokenUsage | undefined;
  /** What was passed on since that report, or in all; `undefined` where it was not kept. */
  text: RelayedText | undefined;
}

/** Where the bytes of an answer go. */
export interface AnswerOutlet {
  /** Sends status and headers; the first thing that is sent. */
  head(headers: HeaderList): void;
  /** Sends all of an answer at once, head and body, which is one write to the socket. */
  whole(headers: HeaderList, body: Buffer): void;
  /** @returns false where the client is slower than its upstream */
  write(bytes: Buffer): boolean;
  /**
   * Settles the request, and then sends the last of it: at once, or where its tokens are yet to be counted, when they
   * are. A head that is sent by then tells what is left now.
   * @param failed the upstream says of its own whole answer that it has failed
   */
  settle(measure: AnswerMeasure, bytesToCome: number, send: () => void, failed?: boolean): void;
  /** The answer cannot go on. */
  fail(failure: UpstreamFailure): void;
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
