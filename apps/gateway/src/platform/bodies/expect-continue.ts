import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Responses to requests whose clients wait for `100 Continue` before they send their bodies. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Takes `Expect: 100-continue` out of node:http's hands, which would ask for the body at once: before the guards that may
 * refuse the request, and into the middle of an answer that is still being sent on the connection.
 */
export function deferContinue(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.set(request, response);
    server.emit('request', request, response);
  });
}

/** Asks the client for the body, if it waits to be asked. Call it when the body is about to be read. */
export function askForBody(request: IncomingMessage): void {
  const response = waiting.get(request);
  if (response === undefined) return;
  waiting.delete(request);
  if (response.headersSent) return;
  // A response that is not the connection's current one has no socket yet; it is written behind those before it.
  if (response.socket !== null) response.writeContinue();
  else response.once('socket', () => response.writeContinue());
}

/** Whether the client still waits to be asked for its body, and may never send it. */
export const waitsForContinue = (request: IncomingMessage): boolean => waiting.has(request);
