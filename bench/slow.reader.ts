import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const BODY = '{"model":"endless","messages":[{"role":"user","content":"Hello"}],"max_tokens":100,"stream":true}';

/** Asks for a stream, and takes one byte a second out of its socket. @returns the socket, once the answer has begun */
export async function readSlowly(url: string, headers: Record<string, string>): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = Object.entries({
    host: `${hostname}:${port}`,
    'content-type': 'application/json',
    'content-length': String(BODY.length),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${pathname} HTTP/1.1\r\n${head.join('')}\r\n${BODY}`);
  await once(socket, 'readable');
  const begun = String(socket.read(12));
  if (begun !== 'HTTP/1.1 200') throw new Error(`a slow reader was answered with ${begun}`);
  const reading = setInterval(() => void socket.read(1), 1000);
  socket.once('close', () => clearInterval(reading));
  return socket;
}
