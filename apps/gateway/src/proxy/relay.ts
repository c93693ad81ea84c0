import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Outcome } from '../usage/index.js';
import type { Answer, AnswerMeasure, AnswerOutlet } from './answer.js';
import { headersToClient } from './hop-by-hop.headers.js';
import type { UsageWish } from './stream.tap.js';
import { StreamedAnswer } from './streamed.answer.js';
import { clientGone, failureOf, failureOfStatus, interrupted, type UpstreamFailure } from './upstream-failure.js';
import { WholeAnswer } from './whole.answer.js';

export interface RelayRequest {
  dispatcher: Dispatcher;
  /** What is asked of the upstream. */
  origin: string;
  path: string;
  headers: Record<string, string | string[]>;
  body: Buffer;
  /** The client's side; nothing is written to it before the upstream's first byte. */
  response: ServerResponse;
  /** Sent with the head: the request id, and what is left of the limits at that moment. */
  headersOfHead: () => Record<string, string>;
  wish: UsageWish;
  /** Aborted when the process will not wait any longer. */
  cut: AbortSignal;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  /**
   * Settles and writes down what the request came to. Called exactly once, and before the last byte goes out: an answer
   * that a client has seen whole is in the ledger.
   */
  settle: (result: RelayResult) => void;
}

export interface RelayResult extends AnswerMeasure {
  outcome: Outcome;
  /** What the client was or would have been answered with. */
  status: number;
  firstByteAt: Date | null;
  bytesOut: number;
  /** Present where nothing was sent: what the client is to be answered with. */
  failure?: UpstreamFailure;
}

const NOTHING: AnswerMeasure = { usage: undefined, outputEstimate: 0 };

/**
 * Sends a request to its upstream and the answer to the client, both as they come, with the pace of the slower.
 * @returns once, when the last byte has gone or never will; it does not reject
 */
export function relay(request: RelayRequest): Promise<RelayResult> {
  return new Promise(resolve => new Exchange(request, resolve).begin());
}

class Exchange implements Dispatcher.DispatchHandler, AnswerOutlet {
  private controller: Dispatcher.DispatchController | undefined;
  private answer: Answer | undefined;
  private result: RelayResult | undefined;
  private status = 0;
  private firstByteAt: Date | null = null;
  private bytesOut = 0;
  private finished = false;

  constructor(
    private readonly request: RelayRequest,
    private readonly resolve: (result: RelayResult) => void,
  ) {}

  begin(): void {
    const { dispatcher, origin, path, headers, body, response, cut, firstByteTimeoutMs, idleTimeoutMs } = this.request;
    response.once('close', this.onClientClosed);
    cut.addEventListener('abort', this.onCut, { once: true });
    if (response.destroyed || response.socket?.destroyed === true) return this.onClientClosed();
    if (cut.aborted) return this.onCut();
    dispatcher.dispatch(
      { origin, path, method: 'POST', headers, body, headersTimeout: firstByteTimeoutMs, bodyTimeout: idleTimeoutMs },
      this,
    );
  }

  // The upstream's side.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // The client may have left while the connection was being made.
    if (this.finished) controller.abort(new Error('the client left'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[]>,
  ): void {
    if (this.finished || status < 200) return;
    this.status = status;
    const failure = failureOfStatus(status);
    if (failure !== undefined) return this.fail(failure);
    const passed = headersToClient(headers);
    this.answer = /^text\/event-stream\s*(?:;|$)/i.test(String(headers['content-type']))
      ? new StreamedAnswer(this, passed, this.request.wish)
      : new WholeAnswer(this, passed, status);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.finished) return;
    this.firstByteAt ??= new Date();
    if (this.answer?.data(chunk) !== false) return;
    controller.pause();
    this.request.response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    if (this.finished) return;
    const failure = this.answer?.end();
    if (failure !== undefined) return this.fail(failure);
    this.settle(this.answer?.measure() ?? NOTHING, 0);
    if (!this.request.response.headersSent) this.head({});
    this.close();
    this.request.response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(failureOf(error));
  }

  // The client's side.

  head(headers: Record<string, string | string[]>): void {
    this.request.response.writeHead(this.status, { ...headers, ...this.request.headersOfHead() });
  }

  write(bytes: Buffer): boolean {
    this.bytesOut += bytes.length;
    return this.request.response.write(bytes);
  }

  settle(measure: AnswerMeasure, bytesToCome: number): void {
    if (this.result === undefined)
      this.conclude({ ...measure, outcome: 'completed', status: this.status }, this.bytesOut + bytesToCome);
  }

  private readonly onClientClosed = (): void => {
    this.fail(clientGone());
  };

  private readonly onCut = (): void => {
    this.fail(interrupted());
  };

  /** The exchange is over before its end; whatever is left of it is stopped at once. */
  private fail(failure: UpstreamFailure): void {
    if (this.finished) return;
    const { response } = this.request;
    const begun = response.headersSent;
    this.finished = true;
    const settled = this.result !== undefined;
    if (!settled) {
      const status = begun ? this.status : failure.error.status;
      this.conclude(
        {
          ...(this.answer?.measure() ?? NOTHING),
          outcome: failure.outcome,
          status: failure.outcome === 'client_aborted' ? 499 : status,
          ...(begun ? {} : { failure }),
        },
        this.bytesOut,
      );
    }
    this.controller?.abort(failure.error);
    if (begun && !response.destroyed) {
      // Whoever has seen [DONE] has seen all there was.
      if (!settled) this.answer?.breakOff(failure);
      if (this.answer instanceof StreamedAnswer) response.end();
      else response.destroy();
    }
    this.close();
  }

  private conclude(
    part: Pick<RelayResult, 'usage' | 'outputEstimate' | 'outcome' | 'status' | 'failure'>,
    bytesOut: number,
  ): void {
    this.result = { ...part, firstByteAt: this.firstByteAt, bytesOut };
    this.request.settle(this.result);
  }

  /** Lets go of everything that could call again, and tells the result. */
  private close(): void {
    this.finished = true;
    const { response, cut } = this.request;
    cut.removeEventListener('abort', this.onCut);
    response.off('close', this.onClientClosed);
    const result = this.result;
    if (result === undefined) throw new Error('an exchange ended without a result');
    if (!response.headersSent || response.writableFinished || response.destroyed) return this.resolve(result);
    response.once('close', () => this.resolve(result));
  }
}
