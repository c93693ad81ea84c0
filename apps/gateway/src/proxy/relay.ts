import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import type { RunningWork } from '../platform/health/index.js';
import type { Outcome } from '../usage/index.js';
import type { Answer, AnswerMeasure, AnswerOutlet } from './answer.js';
import { ContentDecoder, type DecodedBytes, isEncoded } from './content.decoder.js';
import { ClientProgress } from './client.progress.js';
import { type HeaderList, headersToClient } from './hop-by-hop.headers.js';
import { InformationalResponses } from './informational.responses.js';
import type { RelayRequest, RelayResult } from './relay.terms.js';
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

const EVENT_STREAM = /^text\/event-stream\s*(?:;|$)/i;
const NOTHING: AnswerMeasure = { usage: undefined, text: undefined };

/**
 * Sends a request to its upstream and the answer to the client, both as they come, with the pace of the slower.
 * @returns once, when the last byte has gone or never will; it rejects only where settling does
 */
export function relay(request: RelayRequest): Promise<RelayResult> {
  return new Promise((resolve, reject) => new Exchange(request, resolve, reject).begin());
}

class Exchange implements Dispatcher.DispatchHandler, AnswerOutlet, RunningWork {
  slot = 0;
  /** The client's connection, where its end must be looked for. */
  private socket: Socket | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private decoder: ContentDecoder | undefined;
  private answer: Answer | undefined;
  /** Made by the first tick, which short requests never see. */
  private progress: ClientProgress | undefined;
  private startedAtMs = 0;
  /** Made by the first of them. */
  private informational: InformationalResponses | undefined;
  private result: RelayResult | undefined;
  /** The end of settling, where that takes a while. */
  private settling: Promise<void> | undefined;
  private status = 0;
  private firstByteAt: Date | null = null;
  private bytesOut = 0;
  private finished = false;
  /** The result, once all of the answer is on its way to the client. */
  private sent: RelayResult | undefined;

  constructor(
    private readonly request: RelayRequest,
    private readonly resolve: (result: RelayResult) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  begin(): void {
    const { dispatcher, origin, path, headers, body, response, lifecycle, firstByteTimeoutMs, idleTimeoutMs } =
      this.request;
    response.on('close', this.onClosed);
    // A client that was killed may have left data unread that we wait to get rid of: then only its end is seen of it. Node
    // takes a client that closes its half for one that leaves, and so do we. An answer that waits for another one's end
    // is not even told that the connection has closed.
    this.socket = response.req?.socket;
    this.socket?.on('end', this.onClientGone).on('close', this.onClosed);
    lifecycle.begin(this);
    if (response.destroyed || this.socket?.destroyed === true) return this.onClientGone();
    if (this.finished) return;
    dispatcher.dispatch(
      { origin, path, method: 'POST', headers, body, headersTimeout: firstByteTimeoutMs, bodyTimeout: idleTimeoutMs },
      this,
    );
  }

  // The upstream's side.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.startedAtMs = performance.now();
    // The client may have left while the connection was being made.
    if (this.finished) controller.abort(new Error('the client left'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[]>,
  ): void {
    if (this.finished) return;
    if (status < 200) return this.inform();
    this.informational?.end();
    this.status = status;
    // Nobody asks for them again; a stream would keep them, and all that was read along with them, to its end.
    controller.rawHeaders = null;
    const retryAfter = headers['retry-after'];
    const failure = failureOfStatus(status, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
    if (failure !== undefined) return this.fail(failure);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && isEncoded(encoding)) {
      this.decoder = ContentDecoder.of(encoding, this.decoded());
      if (this.decoder === undefined) return this.fail(malformedAnswer(new Error('an unknown content encoding')));
    }
    const passed = headersToClient(headers, this.decoder !== undefined);
    const contentType = String(headers['content-type']);
    const { reader, wish } = this.request;
    this.answer = EVENT_STREAM.test(contentType)
      ? new StreamedAnswer(this, passed, reader, wish)
      : new WholeAnswer(this, passed, reader, status, contentType);
  }

  /** undici begins its own timeout anew with each informational response, and takes any number of them. */
  private inform(): void {
    const { firstByteTimeoutMs } = this.request;
    this.informational ??= new InformationalResponses(
      this.startedAtMs + firstByteTimeoutMs - performance.now(),
      failure => this.fail(failure),
    );
    this.informational.add();
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

  private decoded(): DecodedBytes {
    return {
      data: chunk => {
        if (this.decoder !== undefined) this.pass(chunk, this.decoder);
      },
      end: () => this.complete(),
      error: error => this.fail(malformedAnswer(error)),
      drained: () => void this.controller?.resume(),
    };
  }

  private pass(chunk: Buffer, source: { pause(): void; resume(): void }): void {
    if (this.finished || this.answer?.data(chunk) !== false) return;
    source.pause();
    this.request.response.once('drain', () => source.resume());
  }

  private complete(): void {
    if (this.finished) return;
    const failure = this.answer?.end();
    if (failure !== undefined) return this.fail(failure);
    if (this.result === undefined)
      this.conclude(this.answer?.measure() ?? NOTHING, 'completed', this.status, this.bytesOut);
    if (this.settling === undefined) this.endResponse();
    else this.whenSettled(() => this.endResponse());
  }

  private endResponse(): void {
    const { response } = this.request;
    if (this.finished) return;
    if (!response.headersSent) this.head([]);
    this.close();
    if (!response.writableEnded) response.end();
  }

  // The client's side.

  head(headers: HeaderList): void {
    const { response, headersOfHead } = this.request;
    headers.push(...headersOfHead());
    response.writeHead(this.status, headers);
  }

  whole(headers: HeaderList, body: Buffer): void {
    headers.push('content-length', String(body.length));
    this.head(headers);
    this.bytesOut += body.length;
    this.request.response.end(body);
  }

  write(bytes: Buffer): boolean {
    this.bytesOut += bytes.length;
    return this.request.response.write(bytes);
  }

  settle(measure: AnswerMeasure, bytesToCome: number, send: () => void, failed = false): void {
    if (this.result === undefined)
      this.conclude(measure, failed ? 'upstream_failed' : 'completed', this.status, this.bytesOut + bytesToCome);
    this.whenSettled(() => {
      if (!this.request.response.destroyed) send();
    });
  }

  /** The end of an answer that was sent, or else of a client that did not wait for it. */
  private readonly onClosed = (): void => {
    if (this.sent === undefined) this.onClientGone();
    else this.done(this.sent);
  };

  private readonly onClientGone = (): void => {
    this.fail(clientGone());
  };

  cut(): void {
    this.fail(interrupted());
  }

  tick(nowMs: number): void {
    const { clientStallMs, response } = this.request;
    if (clientStallMs === 0 || response.socket === null) return;
    this.progress ??= new ClientProgress();
    if (this.progress.stalledMs(response.socket, nowMs) < clientStallMs) return;
    this.onClientGone();
    // What waits for the client will never reach it, and a response that was ended would wait on.
    this.drop();
  }

  drop(): void {
    this.request.response.destroy();
    this.socket?.destroy();
  }

  /** The exchange is over before its end; whatever is left of it is stopped at once. */
  fail(failure: UpstreamFailure): void {
    if (this.finished) return;
    const { response } = this.request;
    this.finished = true;
    this.informational?.end();
    this.controller?.abort(failure.error);
    this.decoder?.destroy();
    const concluded = this.result !== undefined;
    if (!concluded) {
      const begun = response.headersSent;
      const status = begun ? this.status : failure.error.status;
      const measure = this.answer?.measure() ?? NOTHING;
      const { outcome, gone } = failure;
      this.conclude(
        measure,
        outcome,
        gone === true ? 499 : status,
        this.bytesOut,
        failure,
        begun ? undefined : failure,
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
    { usage, text }: AnswerMeasure,
    outcome: Outcome,
    status: number,
    bytesOut: number,
    brokenBy?: UpstreamFailure,
    failure?: UpstreamFailure,
  ): void {
    const { firstByteAt } = this;
    this.result = { usage, text, outcome, status, firstByteAt, bytesOut, brokenBy, failure };
    this.settling = this.request.settle(this.result);
  }

  /** At once, where settling has taken no time; and each after those before it. */
  private whenSettled(next: () => void): void {
    if (this.settling === undefined) next();
    else this.settling.then(next).catch((error: unknown) => this.broke(error));
  }

  /** Lets go of everything that could call again, and tells the result when what was sent has gone. */
  private close(): void {
    this.finished = true;
    const { response } = this.request;
    this.socket?.off('end', this.onClientGone);
    if (this.result === undefined) throw new Error('an exchange ended without a result');
    if (!response.headersSent || response.writableFinished || response.destroyed) this.done(this.result);
    else this.sent = this.result;
  }

  private done(result: RelayResult): void {
    const { response, lifecycle } = this.request;
    response.off('close', this.onClosed);
    this.socket?.off('close', this.onClosed);
    lifecycle.end(this);
    this.resolve(result);
  }

  private broke(error: unknown): void {
    this.request.lifecycle.end(this);
    this.reject(error);
  }
}
