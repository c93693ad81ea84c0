import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, type Dispatcher } from 'undici';

// The limit of the platform: node:http in, undici out, the body buffered, and no policy at all.
// usage: node bare.proxy.js <base URL of the upstream>

const { origin } = new URL(process.argv[2] ?? '');
const agent = new Agent({ keepAliveTimeout: 30_000 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status, headers) => {
        const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, ...passed } = headers;
        void [connection, keepAlive, encoding];
        response.writeHead(status, passed);
      },
      onResponseData: (controller, chunk: Buffer) => {
        if (response.write(chunk)) return;
        controller.pause();
        response.once('drain', () => controller.resume());
      },
      onResponseEnd: () => void response.end(),
      onResponseError: () => void response.destroy(),
    };
    agent.dispatch(
      {
        origin,
        path: request.url ?? '/',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.concat(chunks),
      },
      handler,
    );
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit(0));
