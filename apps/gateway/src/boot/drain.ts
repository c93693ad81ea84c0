import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { DirectDoor } from '../platform/direct/index.js';
import { FAREWELL_MS, type Lifecycle } from '../platform/health/index.js';

const POLL_MS = 20;

/**
 * Accepts nothing more, and lets what has come be answered.
 * @returns when no connection is left, or those that are were given up after `timeoutMs`
 */
export async function drain(server: Server, door: DirectDoor, lifecycle: Lifecycle, timeoutMs: number): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  let open = server.listening;
  if (open) server.close(() => (open = false));
  door.close();
  await lifecycle.drain(timeoutMs);
  // Requests that are still with a guard, and answers that are on their way, are not among what the lifecycle knows.
  const lastMs = Math.max(untilMs, performance.now() + FAREWELL_MS);
  while (open && performance.now() < lastMs) {
    // Those that are idle now were not when the server was closed.
    server.closeIdleConnections();
    await delay(POLL_MS);
  }
  door.destroy();
  server.closeAllConnections();
}
