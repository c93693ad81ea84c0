import type { Agent } from 'undici';
import type { CatalogUpstream } from '../models/index.js';

/** What is read of an answer; the rest of a longer one is not waited for. */
const MAX_BYTES = 64 * 1024;

export interface UpstreamQuestion {
  method: 'GET' | 'POST';
  /** From the root of the origin, without a query. */
  path: string;
  /** JSON. */
  body?: string;
  /** For all of it, from the connection to the last byte. */
  timeoutMs: number;
  /** Aborted where nobody wants to know any more. */
  cut: AbortSignal;
}

export interface UpstreamReply {
  status: number;
  retryAfter: string | undefined;
  /** As far as it was read. */
  text: string;
}

/**
 * Asks an upstream something in the gateway's own name, by the same connections and credentials as requests.
 * @throws Error where it cannot be reached or does not answer in time
 */
export async function askUpstream(
  agent: Agent,
  { origin, headers, query }: CatalogUpstream,
  { method, path, body, timeoutMs, cut }: UpstreamQuestion,
): Promise<UpstreamReply> {
  const answer = await agent.request({
    origin,
    path: path + query,
    method,
    headers: {
      'user-agent': 'maas-gateway',
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: body ?? null,
    signal: AbortSignal.any([cut, AbortSignal.timeout(timeoutMs)]),
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BYTES) break;
  }
  return {
    status: answer.statusCode,
    retryAfter: [answer.headers['retry-after']].flat()[0],
    text: Buffer.concat(chunks).toString('utf8'),
  };
}
