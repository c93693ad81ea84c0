import type { ServerResponse } from 'node:http';

/** As much of Fastify's reply as handlers and filters of direct routes use. */
export class DirectReply {
  constructor(readonly raw: ServerResponse) {}

  /** Says that the handler answers by itself. Nobody else would. */
  hijack(): this {
    return this;
  }

  status(status: number): this {
    this.raw.statusCode = status;
    return this;
  }

  header(name: string, value: string | number): this {
    this.raw.setHeader(name, value);
    return this;
  }

  headers(headers: Readonly<Record<string, string>>): this {
    for (const name in headers) this.header(name, headers[name] ?? '');
    return this;
  }

  /** @param body becomes JSON */
  send(body: object): this {
    const text = JSON.stringify(body);
    this.raw.setHeader('content-type', 'application/json; charset=utf-8');
    this.raw.setHeader('content-length', Buffer.byteLength(text));
    this.raw.end(text);
    return this;
  }
}
