import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Outcome } from '../usage/index.js';
import type { Answer, AnswerMeasure, AnswerOutlet } from './answer.js';
import type { AnswerReader, UsageWish } from './answer.reader.js';
import { ContentDecoder, isEncoded } from './content.decoder.js';
import { headersToClient } from './hop-by-hop.headers.js';
import { StreamedAnswer } from './streamed.answer.js';
import {
  clientGone,
  failureOf,
  failureOfStatus,
  interrupted,
  malformedAnswer,
  type UpstreamFailure,
} from './upstream-failure.js';
import { WholeAnswer } from './whole.answer.js';

export interface RelayRequest {
  dispatcher: Dispatcher;
  /** What is asked of the upstream. */
  origin: string;
  path: string;
  headers: Record<string, string | string[]>;
  body: Buffer | Readable;
  /** The client's side; nothing is written to it before the upstream's first byte. */
  response: ServerResponse;
  /** Sent with the head: the request id, and what is left of the limits at that moment. */
  headersOfHead: () => Record<string, string>;
  reader: AnswerReader;
  wish: UsageWish;
  /** Aborted when the process will not wait any longer. */
  cut: AbortSignal;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
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
  brokenBy?: UpstreamFailure;
  /** The same, where nothing was sent: what the client is to be answered with. */
  failure?: UpstreamFailure;
}

const NOTHING: AnswerMeasure = { usage: undefined, text: undefined };

/**
 * Sends a request to its upstream and the answer to the client, both as they come, with the pace of the slower.
 * @returns once, when the last byte has gone or never will; it rejects only where settling does
 */
export function relay(request: RelayRequest): Promise<RelayResult> {
  return new Promise((resolve, reject) => new Exchange(request, resolve, reject).begin());
}

class Exchange implements Dispatcher.DispatchHandler, AnswerOutlet {
  private controller: Dispatcher.DispatchController | undefined;
  private decoder: ContentDecoder | undefined;
  private answer: Answer | undefined;
  private result: RelayResult | undefined;
  /** The end of settling, where that takes a while. */
  private settling: Promise<void> | undefined;
  private status = 0;
  private firstByteAt: Date | null = null;
  private bytesOut = 0;
  private finished = false;

  constructor(
    private readonly request: RelayRequest,
    private readonly resolve: (result: RelayResult) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  begin(): void {
    const { dispatcher, origin, path, headers, body, response, cut, firstByteTimeoutMs, idleTimeoutMs } = this.request;
    response.once('close', this.onClientClosed);
    // A client that was killed may have left data unread that we wait to get rid of: then only this is seen of it. Node
    // takes a client that closes its half for one that leaves, and so do we.
    response.socket?.once('end', this.onClientClosed);
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
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[]>,
  ): void {
    if (this.finished || status < 200) return;
    this.status = status;
    const failure = failureOfStatus(status, [headers['retry-after']].flat()[0]);
    if (failure !== undefined) return this.fail(failure);
    const passed = headersToClient(headers);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && isEncoded(encoding)) {
      this.decoder = ContentDecoder.of(encoding, this.decoded);
      if (this.decoder === undefined) return this.fail(malformedAnswer(new Error('an unknown content encoding')));
      delete passed['content-encoding'];
    }
    const { reader, wish } = this.request;
    this.answer = /^text\/event-stream\s*(?:;|$)/i.test(String(headers['content-type']))
      ? new StreamedAnswer(this, passed, reader, wish)
      : new WholeAnswer(this, passed, reader, status);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.finished) return;
    this.firstByteAt ??= new Date();
    if (this.decoder === undefined) this.pass(chunk, controller);
    else if (!this.decoder.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.decoder === undefined) this.complete();
    else this.decoder.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(failureOf(error));
  }

  private readonly decoded = {
    data: (chunk: Buffer): void => {
      if (this.decoder !== undefined) this.pass(chunk, this.decoder);
    },
    end: (): void => this.complete(),
    error: (error: Error): void => this.fail(malformedAnswer(error)),
    drained: (): void => void this.controller?.resume(),
  };

  private pass(chunk: Buffer, source: { pause(): void; resume(): void }): void {
    if (this.finished || this.answer?.data(chunk) !== false) return;
    source.pause();
    this.request.response.once('drain', () => source.resume());
  }

  private complete(): void {
    if (this.finished) return;
    const failure = this.answer?.end();
    if (failure !== undefined) return this.fail(failure);
    this.settle(this.answer?.measure() ?? NOTHING, 0, () => undefined);
    this.whenSettled(() => {
      const { response } = this.request;
      if (this.finished) return;
      if (!response.headersSent) this.head({});
      this.close();
      response.end();
    });
  }

  // The client's side.

  head(headers: Record<string, string | string[]>): void {
    this.request.response.writeHead(this.status, { ...headers, ...this.request.headersOfHead() });
  }

  write(bytes: Buffer): boolean {
    this.bytesOut += bytes.length;
    return this.request.response.write(bytes);
  }

  settle(measure: AnswerMeasure, bytesToCome: number, send: () => void, failed = false): void {
    if (this.result === undefined) {
      const outcome = failed ? 'upstream_failed' : 'completed';
      this.conclude({ ...measure, outcome, status: this.status }, this.bytesOut + bytesToCome);
    }
    this.whenSettled(() => {
      if (!this.request.response.destroyed) send();
    });
  }

  private readonly onClientClosed = (): void => {
    this.fail(clientGone());
  };

  private readonly onCut = (): void => {
    this.fail(interrupted());
  };

  /** The exchange is over before its end; whatever is left of it is stopped at once. */
  fail(failure: UpstreamFailure): void {
    if (this.finished) return;
    const { response } = this.request;
    this.finished = true;
    this.controller?.abort(failure.error);
    this.decoder?.destroy();
    const concluded = this.result !== undefined;
    if (!concluded) {
      const begun = response.headersSent;
      const status = begun ? this.status : failure.error.status;
      this.conclude(
        {
          ...(this.answer?.measure() ?? NOTHING),
          outcome: failure.outcome,
          status: failure.gone === true ? 499 : status,
          brokenBy: failure,
          ...(begun ? {} : { failure }),
        },
        this.bytesOut,
      );
    }
    this.whenSettled(() => {
      if (response.headersSent && !response.destroyed) {
        // Whoever has seen the last event has seen all there was.
        if (!concluded && failure.gone !== true) this.answer?.breakOff(failure);
        const isWhole = concluded || this.answer instanceof StreamedAnswer;
        if (isWhole && failure.gone !== true) response.end();
        else response.destroy();
      }
      this.close();
    });
  }

  private conclude(
    part: Pick<RelayResult, 'usage' | 'text' | 'outcome' | 'status' | 'brokenBy' | 'failure'>,
    bytesOut: number,
  ): void {
    this.result = { ...part, firstByteAt: this.firstByteAt, bytesOut };
    this.settling = this.request.settle(this.result);
  }

  /** At once, where settling has taken no time; and each after those before it. */
  private whenSettled(next: () => void): void {
    if (this.settling === undefined) next();
    else this.settling.then(next).catch(this.reject);
  }

  /** Lets go of everything that could call again, and tells the result. */
  private close(): void {
    this.finished = true;
    const { response, cut } = this.request;
    cut.removeEventListener('abort', this.onCut);
    response.off('close', this.onClientClosed);
    response.socket?.off('end', this.onClientClosed);
    const result = this.result;
    if (result === undefined) throw new Error('an exchange ended without a result');
    if (!response.headersSent || response.writableFinished || response.destroyed) return this.resolve(result);
    response.once('close', () => this.resolve(result));
  }
}
