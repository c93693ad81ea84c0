import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// An upstream whose answer has no end, and which writes no faster than it is read.

/** Large, so that sockets are full soon; with its usage, so that no time is spent on counting. */
const EVENT =
  'data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1677652288,"model":"endless",' +
  `"choices":[{"index":0,"delta":{"content":"${' word'.repeat(3000)}"},"finish_reason":null}],` +
  '"usage":{"prompt_tokens":9,"completion_tokens":3000,"total_tokens":3009}}\n\n';

function fill(response: ServerResponse): void {
  while (!response.destroyed && response.write(EVENT));
}

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.on('drain', () => fill(response));
  fill(response);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit(0));
