import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { QUESTION } from './completion.answer.js';

/**
 * Requests at a steady rate, whether or not earlier ones are answered, as independent clients would send them: a wait in
 * the queue counts as latency.
 * @returns latencies in milliseconds
 * @throws Error where any request failed
 */
export async function loadAtRate(
  url: string,
  headers: Record<string, string>,
  { requestsPerSecond, seconds }: { requestsPerSecond: number; seconds: number },
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const latencies: number[] = [];
  let failed = 0;
  let open = 0;
  const ask = (dueAt: number): void => {
    open += 1;
    const end = (ok: boolean): void => {
      open -= 1;
      if (ok) latencies.push(performance.now() - dueAt);
      else failed += 1;
    };
    const asked = request(
      url,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': QUESTION.length, ...headers },
      },
      response => {
        response.resume();
        response.once('end', () => end(response.statusCode === 200));
      },
    );
    asked.once('error', () => end(false));
    asked.end(QUESTION);
  };
  const total = Math.floor(requestsPerSecond * seconds);
  const startedAt = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * requestsPerSecond));
    for (; sent < due; sent += 1) ask(startedAt + (sent / requestsPerSecond) * 1000);
    await delay(1);
  }
  while (open > 0) await delay(1);
  agent.destroy();
  if (failed > 0) throw new Error(`${failed} of ${total} requests failed`);
  return latencies;
}

/** @param share from 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
