import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { BodyPace, type BodyReader } from '../platform/bodies/index.js';
import {
  incompleteBody,
  invalidRequest,
  overloaded,
  requestTimeout,
  requestTooLarge,
  unsupportedMediaType,
} from '../platform/errors/index.js';
import { boundaryOf, formTypeOf, type FormPiece, FormScanner } from '../platform/multipart/index.js';

const FIELDS = new Set(['model', 'stream']);
/** A form of up to this size is read whole before it is sent on, so that its length is known. */
const SMALL_BYTES = 64 * 1024;
const CHECK_MS = 1000;

const bytesOf = (piece: FormPiece, model: Buffer): Buffer =>
  Buffer.isBuffer(piece) ? piece : piece.name === 'model' ? model : piece.value;

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

  private readonly boundary: string;
  private readonly pace: BodyPace;
  /** Bytes that count as held until the response has ended. */
  private heldBytes = 0;

  /**
   * @param pathModel the model of the path, which a form that names none is sent on with
   * @throws ApiError 400, 415, 413
   */
  constructor(
    private readonly source: IncomingMessage,
    response: ServerResponse,
    private readonly limits: { maxBytes: number; bodies: BodyReader },
    pathModel: string | undefined,
  ) {
    this.boundary = boundaryOfForm(source, limits.maxBytes);
    this.scanner = new FormScanner(this.boundary, FIELDS, pathModel === undefined ? {} : { model: pathModel });
    this.pace = new BodyPace(limits.bodies.minBytesPerSecond);
    // A client that was refused half-way may still be sending, and reads the response on a connection that it can use again.
    response.once('finish', () => source.resume());
    response.once('close', () => limits.bodies.held.release(this.heldBytes));
  }

  /** The content type of the body that is sent on. */
  get contentType(): string {
    return formTypeOf(this.boundary);
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
   * Reads a small form to its end, and a longer one until it has named its model or so many bytes are held.
   * @throws ApiError 400 where the form is malformed or ends without a model, 413, 408, 503 where there is no memory for it
   */
  async readAhead(maxHeldBytes: number): Promise<void> {
    const { held } = this.limits.bodies;
    while (!this.hasEnded && this.bytes < (this.model === undefined ? maxHeldBytes : SMALL_BYTES)) {
      const before = this.bytes;
      const pieces = await this.next();
      const bytes = this.bytes - before;
      if (!held.tryHold(bytes)) throw overloaded();
      this.heldBytes += bytes;
      this.held.push(...pieces);
    }
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

  /** The length of the body under the upstream's name for the model; `undefined` where the form has not come to its end. */
  lengthAs(name: string): number | undefined {
    if (!this.hasEnded || this.flows) return undefined;
    const model = Buffer.from(name);
    return this.held.reduce((length, piece) => length + bytesOf(piece, model).length, 0);
  }

  /** The whole body under the upstream's name for the model; it fails by an ApiError where the form proves wrong. */
  bodyAs(name: string): Readable {
    const body = Readable.from(this.piecesAs(Buffer.from(name)), { objectMode: false });
    // Whoever reads it is told by its own means; an error that comes after that must not end the process.
    return body.on('error', () => undefined);
  }

  private async *piecesAs(name: Buffer): AsyncGenerator<Buffer> {
    for (const piece of this.held) yield bytesOf(piece, name);
    while (!this.hasEnded) {
      this.flows = true;
      for (const piece of await this.next()) yield bytesOf(piece, name);
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
    this.pace.add(chunk.length);
    if (this.bytes > this.limits.maxBytes) throw requestTooLarge();
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
    const { source, pace } = this;
    pace.begin(performance.now());
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        if (!pace.isTooSlow(performance.now())) return;
        done();
        reject(requestTimeout());
      }, CHECK_MS);
      const done = (): void => {
        clearInterval(timer);
        pace.pause(performance.now());
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
        reject(incompleteBody());
      };
      if (source.readableEnded) onEnd();
      else if (source.destroyed) onClose();
      else source.on('data', onData).on('end', onEnd).on('close', onClose).resume();
    });
  }
}
