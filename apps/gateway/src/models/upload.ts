import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { invalidRequest, requestTooLarge, unsupportedMediaType } from '../platform/errors/index.js';
import { boundaryOf, type FormPiece, FormScanner } from '../platform/multipart/index.js';

const FIELDS = new Set(['model', 'stream']);

/**
 * The boundary of a form that is about to come.
 * @throws ApiError 415 where it is none, 413 where it says that it is too large
 */
function boundaryOfForm({ headers }: IncomingMessage, maxBytes: number): string {
  const boundary = boundaryOf(headers['content-type'] ?? '');
  if (boundary === undefined || (headers['content-encoding'] ?? 'identity') !== 'identity')
    throw unsupportedMediaType('The content type is not supported; send multipart/form-data with a boundary');
  if (Number(headers['content-length']) > maxBytes) throw requestTooLarge();
  return boundary;
}

/**
 * A form with files on its way through. It is read only as far as its model is not known, and goes on from there with
 * the pace of its upstream; what has been read is kept until then.
 */
export class Upload {
  private readonly scanner: FormScanner;
  private readonly held: FormPiece[] = [];
  private allowed: readonly string[] | undefined;
  private hasEnded = false;
  private flows = false;
  /** Bytes that have come. */
  bytes = 0;
  /** As the form names it, once that has come. */
  model: string | undefined;
  streamed = false;

  /** @throws ApiError 415, 413 */
  constructor(
    private readonly source: IncomingMessage,
    response: ServerResponse,
    private readonly maxBytes: number,
  ) {
    this.scanner = new FormScanner(boundaryOfForm(source, maxBytes), FIELDS);
    // Whoever was refused half-way may still be sending, and is to hear of it on a connection that can be used again.
    response.once('finish', () => source.resume());
  }

  /** Bytes that are announced; 0 where nobody knows. */
  get declaredBytes(): number {
    return Number(this.source.headers['content-length'] ?? 0);
  }

  /** Whether it can be sent to another upstream from its beginning. */
  get isReplayable(): boolean {
    return !this.flows;
  }

  /**
   * Reads until the form has named its model, or so many bytes are held.
   * @throws ApiError 400 where the form is malformed or ends without a model, 413
   */
  async readAhead(maxHeldBytes: number): Promise<void> {
    while (this.model === undefined && this.bytes < maxHeldBytes) this.held.push(...(await this.next()));
  }

  /** @throws ApiError 400 where it has not come yet */
  requireModel(): string {
    if (this.model === undefined)
      throw invalidRequest('The form must name its model before so large a file, or the path must', 'model');
    return this.model;
  }

  /** Holds the model to these names: now, or when it comes. @throws ApiError 400 */
  allow(names: readonly string[]): void {
    this.allowed = names;
    this.check();
  }

  /** The length of the body under the upstream's name for the model; `undefined` where that cannot be told yet. */
  lengthAs(name: string): number | undefined {
    if (this.declaredBytes === 0 || this.model === undefined) return undefined;
    return this.declaredBytes - Buffer.byteLength(this.model) + Buffer.byteLength(name);
  }

  /** The whole body under the upstream's name for the model; it fails by an ApiError where the form proves wrong. */
  bodyAs(name: string): Readable {
    const body = Readable.from(this.piecesAs(Buffer.from(name)), { objectMode: false });
    // Whoever reads it is told by its own means; an error that comes after that must not end the process.
    return body.on('error', () => undefined);
  }

  private async *piecesAs(name: Buffer): AsyncGenerator<Buffer> {
    const bytesOf = (piece: FormPiece): Buffer =>
      Buffer.isBuffer(piece) ? piece : piece.name === 'model' ? name : piece.value;
    for (const piece of this.held) yield bytesOf(piece);
    while (!this.hasEnded) {
      this.flows = true;
      for (const piece of await this.next()) yield bytesOf(piece);
    }
  }

  private async next(): Promise<FormPiece[]> {
    const chunk = await this.chunk();
    if (chunk === undefined) {
      this.hasEnded = true;
      this.scanner.end();
      if (this.model === undefined) throw invalidRequest('model is required', 'model');
      return [this.scanner.rest()];
    }
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) throw requestTooLarge();
    const pieces = this.scanner.push(chunk);
    for (const piece of pieces) if (!Buffer.isBuffer(piece)) this.take(piece.name, piece.value.toString());
    return pieces;
  }

  private take(name: string, value: string): void {
    if (name === 'stream') this.streamed = value === 'true';
    else {
      this.model = value;
      this.check();
    }
  }

  private check(): void {
    if (this.model !== undefined && this.allowed?.includes(this.model) === false)
      throw invalidRequest(`The form's model '${this.model}' is not the path's`, 'model');
  }

  /** @returns the next bytes, or `undefined` at the end */
  private chunk(): Promise<Buffer | undefined> {
    const { source } = this;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        source.pause();
        source.off('data', onData).off('end', onEnd).off('close', onClose);
      };
      const onData = (chunk: Buffer): void => {
        done();
        resolve(chunk);
      };
      const onEnd = (): void => {
        done();
        resolve(undefined);
      };
      const onClose = (): void => {
        done();
        reject(invalidRequest('The request broke off'));
      };
      if (source.readableEnded) resolve(undefined);
      else if (source.destroyed) reject(invalidRequest('The request broke off'));
      else source.on('data', onData).on('end', onEnd).on('close', onClose).resume();
    });
  }
}
