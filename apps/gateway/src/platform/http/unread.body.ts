import type { IncomingMessage } from 'node:http';

/** Enough for an answer to reach a client on a slow line, and short enough that nobody holds a connection by sending on. */
const DISCARD_MS = 2000;

/** A body that the client has announced and not sent to its end. */
export const hasUnreadBody = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

/**
 * Reads on and throws away what still comes of a body whose request is being answered. A connection that is closed while
 * its client writes is reset, and the reset takes the answer along that the client has not read yet.
 * @param maxBytes after which the connection goes, whatever the client has read
 */
export function discardUnreadBody(request: IncomingMessage, maxBytes: number): void {
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), DISCARD_MS);
  const stop = (): void => clearTimeout(timer);
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) socket.destroy();
  });
  request.once('end', stop).once('close', stop);
}
