import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type ContentCoding, preferredCoding } from './content-coding.js';
import { matchesTag } from './entity-tag.js';

/** Higher brotli levels take twice the time for 3 % fewer bytes, and the first browser waits for the result. */
const BROTLI_LEVEL = 5;

const compressWithBrotli = promisify(brotliCompress);
const compressWithGzip = promisify(gzip);

interface Representation {
  bytes: Buffer;
  tag: string;
}

const compress = (bytes: Buffer, coding: ContentCoding): Promise<Buffer> =>
  coding === 'br'
    ? compressWithBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_LEVEL } })
    : compressWithGzip(bytes);

/**
 * A file that never changes while the process runs. It is read and compressed once, with its first request, off the main
 * thread; all responses share the same bytes, so that slow clients cost no memory.
 */
export class ServedFile {
  private readonly made = new Map<ContentCoding | undefined, Promise<Representation>>();

  /** @param headers sent with each response, beside those that negotiation and caching need */
  constructor(
    private readonly source: () => Promise<Buffer>,
    private readonly contentType: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  async answer({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const coding = preferredCoding(headers['accept-encoding']?.toString());
    const { bytes, tag } = await this.in(coding);
    reply.headers({
      ...this.headers,
      etag: tag,
      // Clients keep the file and ask each time: a new version of the gateway is seen at once.
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    });
    if (matchesTag(headers['if-none-match'], tag)) return reply.code(304).send();
    if (coding !== undefined) reply.header('content-encoding', coding);
    return reply.type(this.contentType).send(bytes);
  }

  private in(coding: ContentCoding | undefined): Promise<Representation> {
    const known = this.made.get(coding);
    if (known !== undefined) return known;
    const made = this.make(coding);
    this.made.set(coding, made);
    // A failure, such as a full table of open files, must not be served for as long as the process runs.
    made.catch(() => this.made.delete(coding));
    return made;
  }

  private async make(coding: ContentCoding | undefined): Promise<Representation> {
    const source = await this.source();
    const hash = createHash('sha256').update(source).digest('base64url').slice(0, 22);
    if (coding === undefined) return { bytes: source, tag: `"${hash}"` };
    return { bytes: await compress(source, coding), tag: `"${hash}-${coding}"` };
  }
}
