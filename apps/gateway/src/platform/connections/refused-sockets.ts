import type { Socket } from 'node:net';

/** How long the client of a refused connection has to read why. */
const LINGER_MS = 1000;
/** Refused connections beyond this many are closed without a word, so that a flood of them holds no memory. */
const MAX_LINGERING = 64;

/** Answers connections that are not served, and closes them. */
export class RefusedSockets {
  private lingering = 0;

  /** @param answer whole, as HTTP */
  refuse(socket: Socket, answer: () => string): void {
    if (this.lingering >= MAX_LINGERING) return void socket.destroy();
    this.lingering++;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.on('error', () => undefined); // The client broke off, and `close` follows.
    socket.once('close', () => {
      clearTimeout(timer);
      this.lingering--;
    });
    // What the client sends is read and dropped: to close on unread data resets the connection, and the answer is lost.
    socket.resume().end(answer());
  }
}
