import type { Socket } from 'node:net';

/** The part of a socket that tells of its writes. */
type Writes = Pick<Socket, 'bytesWritten' | 'writableLength'>;

/**
 * The bytes of the write under way that the kernel has not taken yet. Node tells them by the handle alone, and uses them for
 * its own socket timeout: without them, a slow client would look like a stalled one for the length of a large write.
 */
const queuedBytes = (socket: Writes): number =>
  (socket as { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0;

/** Tells whether a client takes what is written to it, from samples of its socket. */
export class ClientProgress {
  private acceptedBytes = -1;
  private queued = -1;
  private sinceMs = 0;

  /**
   * @param nowMs of a clock that never goes back
   * @returns for how long bytes have waited of which the client took none, in milliseconds
   */
  stalledMs(socket: Writes, nowMs: number): number {
    const acceptedBytes = socket.bytesWritten - socket.writableLength;
    const queued = queuedBytes(socket);
    if (socket.writableLength === 0 || acceptedBytes !== this.acceptedBytes || queued !== this.queued) {
      this.acceptedBytes = acceptedBytes;
      this.queued = queued;
      this.sinceMs = nowMs;
    }
    return nowMs - this.sinceMs;
  }
}
