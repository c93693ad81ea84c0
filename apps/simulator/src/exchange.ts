import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { BodyEncoding } from './body.encoding.js';
import { SimulatorError } from './simulator.error.js';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** One request and its response, with the client's leaving in view. */
export class Exchange {
  /** The connection was destroyed on purpose; the client did not leave. */
  severed = false;
  /** Where the body is written: the response itself, or what encodes it. */
  private body: Writable;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    this.body = response;
  }

  isGone(): boolean {
    return this.response.destroyed;
  }

  /**
   * Reads the whole body as JSON.
   * @throws SimulatorError 400 when it is not JSON, 413 over 64 MiB
   */
  async readJson(): Promise<unknown> {
    const body = await this.readBody();
    try {
      return JSON.parse(body.toString('utf8')) as unknown;
    } catch {
      throw new SimulatorError(400, 'invalid_json', 'The body is not JSON');
    }
  }

  /** Waits so many milliseconds, or until the client has gone. */
  async pause(ms: number): Promise<void> {
    if (ms > 0) await this.until(resolve => void setTimeout(resolve, ms).unref());
  }

  /** Waits until the client has gone. */
  async untilGone(): Promise<void> {
    await this.until(() => undefined);
  }

  /** Writes a part of the body and waits while the client reads more slowly than we write. */
  async write(text: string): Promise<void> {
    if (this.isGone() || this.body.write(text)) return;
    await this.until(resolve => void this.body.once('drain', resolve));
  }

  /** Writes the last part of the body. */
  end(text: string): void {
    this.body.end(text);
  }

  /** Begins a stream of events. */
  beginStream(encoding: BodyEncoding | undefined): void {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding.name }),
    });
    if (encoding === undefined) return;
    const encoder = encoding.stream();
    encoder.pipe(this.response);
    this.body = encoder;
  }

  sendJson(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.send(status, typeof body === 'string' ? body : JSON.stringify(body), headers);
  }

  /** Sends a whole body in an encoding. */
  sendEncoded(status: number, body: string, encoding: BodyEncoding): void {
    this.send(status, encoding.whole(Buffer.from(body)), { 'content-encoding': encoding.name });
  }

  /** Sends only half of a body that was announced whole, then destroys the connection. */
  sendHalf(status: number, body: string): void {
    const bytes = Buffer.from(body);
    this.response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
    this.response.write(bytes.subarray(0, bytes.length >> 1), () => this.sever());
  }

  /** Destroys the connection, once what was written has left the process. */
  severAfter(text: string): void {
    this.response.write(text, () => this.sever());
  }

  // Listeners rather than `for await`, which costs more than all the rest of a short request.
  private readBody(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      this.request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) reject(new SimulatorError(413, 'request_too_large', 'The body is too large'));
        else chunks.push(chunk);
      });
      this.request.once('end', () => resolve(Buffer.concat(chunks)));
      this.request.once('error', reject);
    });
  }

  private sever(): void {
    this.severed = true;
    this.response.destroy();
  }

  private send(status: number, body: string | Buffer, headers: Record<string, string>): void {
    if (this.isGone()) return;
    const length = Buffer.byteLength(body);
    this.response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
    this.response.end(body);
  }

  private async until(start: (resolve: () => void) => void): Promise<void> {
    if (this.isGone()) return;
    await new Promise<void>(resolve => {
      const done = () => {
        this.response.off('close', done).off('drain', done);
        resolve();
      };
      this.response.once('close', done);
      start(done);
    });
  }
}
