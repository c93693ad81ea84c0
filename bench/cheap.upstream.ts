import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANSWER } from './completion.answer.js';

// An upstream that costs as little as Node allows; nginx, where installed, costs less.

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
    response.end(ANSWER);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit(0));
