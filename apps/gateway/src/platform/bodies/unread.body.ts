import type { IncomingMessage } from 'node:http';

/** Enough for a response to reach a client on a slow line, and short enough that no client holds a connection by sending on. */
const DISCARD_MS = 2000;
/** A client whose body is somewhat too large gets rid of it and reads its response; a body without end is not read. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/** Requests of whose bodies nothing more is read. */
const stopped = new WeakSet<IncomingMessage>();
/** Requests whose bodies have been left already. */
const left = new WeakSet<IncomingMessage>();

/** Whether the client has announced a body and not sent it to its end. */
export const hasUnreadBody = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

/** From now on nothing of the body is read, not even to be discarded. */
export const stopReading = (request: IncomingMessage): void => void stopped.add(request);

/**
 * Leaves the rest of a body whose request is being answered. What still comes is read and discarded, within bounds: a
 * connection that is closed while its client writes is reset, and the client loses the response that it has not read yet.
 */
export function leaveUnreadBody(request: IncomingMessage): void {
  if (left.has(request)) return;
  left.add(request);
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), DISCARD_MS);
  const stop = (): void => clearTimeout(timer);
  request.once('end', stop).once('close', stop);
  if (stopped.has(request)) return;
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DISCARDED_BYTES) socket.destroy();
  });
  request.resume();
}
