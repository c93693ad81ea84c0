import type { IncomingMessage } from 'node:http';
import type { Slotted } from '../collections/index.js';
import { incompleteBody, overloaded, requestTimeout, requestTooLarge } from '../errors/index.js';
import { BodyPace } from './body.pace.js';
import type { HeldBytes } from './held-bytes.js';
import { stopReading } from './unread.body.js';

const FIRST_BYTES = 64 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** Who is told when a body has been read, or never will be. */
export interface BodyOwner {
  /** @param bytes all of it; they count as held until the owner releases them */
  read(bytes: Buffer): void;
  /** What was held has been released. */
  failed(error: Error): void;
}

/** One body on its way into memory. Its memory grows with the bytes that come, not with the length that is announced. */
export class BodyReading implements Slotted {
  slot = 0;
  private bytes: Buffer = NO_BYTES;
  private length = 0;
  private readonly pace: BodyPace;

  /** @param announcedBytes of the body; not a number where the client named no length */
  constructor(
    private readonly request: IncomingMessage,
    private readonly announcedBytes: number,
    private readonly limits: { maxBytes: number; minBytesPerSecond: number; held: HeldBytes },
    private readonly owner: BodyOwner,
  ) {
    this.pace = new BodyPace(limits.minBytesPerSecond);
  }

  begin(): void {
    const { request } = this;
    this.pace.begin(performance.now());
    request.on('data', this.onData).on('end', this.onEnd).on('close', this.onClose).on('error', this.onClose);
    if (request.destroyed) this.onClose();
  }

  /** @param nowMs of the monotonic clock */
  check(nowMs: number): void {
    if (this.pace.isTooSlow(nowMs)) this.fail(requestTimeout());
  }

  private readonly onData = (chunk: Buffer): void => {
    this.pace.add(chunk.length);
    const { maxBytes, held } = this.limits;
    if (this.length + chunk.length > maxBytes) return this.fail(requestTooLarge());
    if (!held.tryHold(chunk.length)) {
      stopReading(this.request);
      return this.fail(overloaded());
    }
    this.room(chunk.length);
    chunk.copy(this.bytes, this.length);
    this.length += chunk.length;
  };

  private readonly onEnd = (): void => {
    this.leave();
    this.owner.read(this.bytes.subarray(0, this.length));
  };

  private readonly onClose = (): void => this.fail(incompleteBody());

  /** Doubles the memory where it is full, so that a body is copied twice at most. */
  private room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.bytes.length) return;
    const wished = Math.max(needed, FIRST_BYTES, this.bytes.length * 2);
    const capacity = Number.isNaN(this.announcedBytes)
      ? wished
      : Math.max(needed, Math.min(wished, this.announcedBytes));
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  private fail(error: Error): void {
    this.leave();
    this.limits.held.release(this.length);
    this.bytes = NO_BYTES;
    this.length = 0;
    this.owner.failed(error);
  }

  private leave(): void {
    const { request } = this;
    request.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
    // An error may follow the end of the connection, and must not end the process.
    request.off('error', this.onClose).on('error', () => undefined);
    request.pause();
  }
}
