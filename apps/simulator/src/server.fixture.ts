import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSimulator } from './server.js';

const running: Server[] = [];

/** Starts a simulator in this process. @returns its base URL */
export async function start(tokensPerSecond = 0): Promise<string> {
  const server = createSimulator({ firstTokenDelayMs: 0, tokensPerSecond });
  running.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops all that were started here. */
export async function stopSimulators(): Promise<void> {
  for (const server of running.splice(0)) {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
}

/** Sends a form, a text as it is, or anything else as JSON. */
export function post(url: string, body: unknown, fault?: string): Promise<Response> {
  const sent = typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body);
  return fetch(url, { method: 'POST', body: sent, headers: fault === undefined ? {} : { 'x-simulator-fault': fault } });
}
