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

  /** Reads the body to its end, chunk by chunk; what `take` throws ends the reading. */
  // Listeners rather than `for await`, which costs more than all the rest of a short request.
  consume(take: (chunk: Buffer) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = (chunk: Buffer): void => {
        try {
          take(chunk);
        } catch (error) {
          // What is still to come is let go, so that the client can read what was wrong.
          this.request.off('data', next);
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.request.on('data', next);
      this.request.once('end', resolve);
      this.request.once('error', reject);
    });
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
  async write(part: string | Uint8Array): Promise<void> {
    if (this.isGone() || this.body.write(part)) return;
    await this.until(resolve => void this.body.once('drain', resolve));
  }

  /** Writes the last part of the body. */
  end(text = ''): void {
    this.body.end(text);
  }

  /** Begins a body that comes in parts. */
  begin(contentType: string, encoding?: BodyEncoding): void {
    this.response.writeHead(200, {
      'content-type': contentType,
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
    this.send(status, JSON.stringify(body), headers);
  }

  /** Sends a whole body, which is JSON unless the headers say otherwise. */
  send(status: number, body: string | Buffer, headers: Record<string, string> = {}): void {
    if (this.isGone()) return;
    const length = Buffer.byteLength(body);
    this.response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
    this.response.end(body);
  }

  /** Sends only half of a body that was announced whole, then destroys the connection. */
  sendHalf(status: number, body: string): void {
    const bytes = Buffer.from(body);
    this.response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
    this.response.write(bytes.subarray(0, bytes.length >> 1), () => this.sever());
  }

  /** Destroys the connection, once what was written has left the process. */
  severAfter(part: string | Uint8Array): void {
    this.response.write(part, () => this.sever());
  }

  private async readBody(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    await this.consume(chunk => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw new SimulatorError(413, 'request_too_large', 'The body is too large');
      chunks.push(chunk);
    });
    return Buffer.concat(chunks);
  }

  private sever(): void {
    this.severed = true;
    this.response.destroy();
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
