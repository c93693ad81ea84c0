import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as an upstream got it. */
interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The gateway went away before the answer was whole. */
  aborted: boolean;
}

export interface ReceivedChat {
  model: string;
  stream?: boolean;
  stream_options?: Record<string, boolean>;
  max_tokens?: number;
  [field: string]: unknown;
}

export interface TestUpstream {
  /** The base of the catalog's `url`, which ends in `/v1`. */
  readonly url: string;
  readonly received: Received[];
  /** Health checks; what they are answered with is the test's business too, and 404 where it does not care. */
  readonly checks: Received[];
  close(): Promise<void>;
}

export type Reply = (request: Received, response: ServerResponse) => void | Promise<void>;

const unknownPath: Reply = (_request, response) => sendJson(response, 404, {});

/** A model's server whose every byte the test decides. */
export async function startUpstream(reply: Reply, replyToCheck: Reply = unknownPath): Promise<TestUpstream> {
  const received: Received[] = [];
  const checks: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const entry: Received = { path: request.url ?? '', headers: request.headers, body, aborted: false };
      const isCheck = request.method === 'GET';
      (isCheck ? checks : received).push(entry);
      response.on('close', () => (entry.aborted = !response.writableFinished));
      void Promise.resolve((isCheck ? replyToCheck : reply)(entry, response)).catch((error: unknown) =>
        response.destroy(error as Error),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    received,
    checks,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface TokenCounts {
  prompt: number;
  completion: number;
}

export function completion(content: string, tokens: TokenCounts) {
  const usage = usageOf(tokens);
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  return { id: 'chatcmpl-test', object: 'chat.completion', created: 1_700_000_000, model: 'test', choices, usage };
}

export function usageOf({ prompt, completion: output }: TokenCounts) {
  return { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output };
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** One event of a streamed chat completion, as it stands on the wire. */
export function chunk(content: string | undefined, extra: Record<string, unknown> = {}): string {
  const choices = content === undefined ? [] : [{ index: 0, delta: { content }, finish_reason: null }];
  const body = { id: 'chatcmpl-test', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'test', choices };
  return `data: ${JSON.stringify({ ...body, ...extra })}\n\n`;
}

export const DONE = 'data: [DONE]\n\n';

export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}
