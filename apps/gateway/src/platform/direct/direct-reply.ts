import { hasUnreadBody, leaveUnreadBody } from '../bodies/index.js';
import type { DirectAnswer } from './direct-answer.js';

const OK = 200;

/** As much of Fastify's reply as handlers and filters of direct routes use. */
export class DirectReply {
  private statusCode = OK;
  /** By lower-case name; made where one is set, as few requests do. */
  private fields: Map<string, string> | undefined;

  constructor(readonly raw: DirectAnswer) {}

  /** Says that the handler answers by itself. Nobody else would. */
  hijack(): this {
    return this;
  }

  status(status: number): this {
    this.statusCode = status;
    return this;
  }

  header(name: string, value: string | number): this {
    (this.fields ??= new Map()).set(name.toLowerCase(), String(value));
    return this;
  }

  headers(headers: Readonly<Record<string, string>>): this {
    for (const name in headers) this.header(name, headers[name] ?? '');
    return this;
  }

  /** @param body becomes JSON */
  send(body: object): this {
    const { req } = this.raw;
    if (req !== undefined && hasUnreadBody(req)) leaveUnreadBody(req);
    const bytes = Buffer.from(JSON.stringify(body));
    this.header('content-type', 'application/json; charset=utf-8').header('content-length', bytes.length);
    this.raw.writeHead(this.statusCode, [...(this.fields ?? [])].flat());
    this.raw.end(bytes);
    return this;
  }
}
