import type { Socket } from 'node:net';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import {
  type ApiError,
  errorBodyFor,
  expectationFailed,
  headersTooLarge,
  invalidRequest,
  requestTimeout,
} from '../errors/index.js';
import { requestIdOf } from './request-id.js';

function errorOf(code: string | undefined): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge();
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout();
  return invalidRequest('This is not a valid HTTP request');
}

/** Of who asks for a connection through us to another host. */
export const notATunnel = (): Error => new Error('no tunnels are made');

/** Answers a request that expects what there is not. Node would leave the answer empty. */
export function answerExpectation({ headers, url = '' }: IncomingMessage, response: ServerResponse): void {
  const known = expectationFailed();
  const body = JSON.stringify(errorBodyFor(url, known));
  response
    .writeHead(known.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'x-request-id': requestIdOf(headers['x-request-id']),
    })
    .end(body);
}

/** A whole answer in bytes, for a connection of which no request was read; it is the last one on the connection. */
export function rawAnswerOf(known: ApiError): string {
  const body = JSON.stringify(known.toBody());
  const headers = Object.entries(known.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `X-Request-Id: ${requestIdOf(undefined)}\r\n${headers.join('')}` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}

/**
 * Answers what is no HTTP request, and so never becomes a request, in the one shape of all errors. Whatever id its caller
 * may have given has not been read.
 */
export function answerProtocolError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(rawAnswerOf(errorOf(error.code)));
  socket.destroySoon();
}
