import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

/** The low half of the first byte of a zlib header; `deflate` without one is what some servers send. */
const ZLIB_METHOD = 8;

// Not in every version of Node.js that we run on.
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };

/** What becomes of decoded bytes. */
export interface DecodedBytes {
  data(chunk: Buffer): void;
  end(): void;
  error(error: Error): void;
  /** The decoder has taken in what it was given. */
  drained(): void;
}

type Opener = (first: Buffer) => Transform;

function openerOf(encoding: string): Opener | undefined {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return () => zlib.createGunzip();
    case 'deflate':
      return first => ((first[0] ?? 0) % 16 === ZLIB_METHOD ? zlib.createInflate() : zlib.createInflateRaw());
    case 'br':
      return () => zlib.createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress;
    default:
      return undefined;
  }
}

/** Whether the answer came as it is, or was encoded although we had asked for that not to be. */
export const isEncoded = (encoding: string | string[] | undefined): boolean =>
  encoding !== undefined && !/^\s*(?:identity)?\s*$/i.test(String(encoding));

/**
 * Decodes an answer as it comes. It holds no more than its streams' small buffers, however much the bytes unfold to:
 * while it is paused it decodes nothing, and `write` says so.
 */
export class ContentDecoder {
  private stream: Transform | undefined;

  private constructor(
    private readonly open: Opener,
    private readonly decoded: DecodedBytes,
  ) {}

  /** @returns `undefined` where the encoding is none that we know */
  static of(encoding: string | string[], decoded: DecodedBytes): ContentDecoder | undefined {
    const open = openerOf(String(encoding));
    return open && new ContentDecoder(open, decoded);
  }

  /** @returns false where it must be given no more before it has drained */
  write(chunk: Buffer): boolean {
    this.stream ??= this.begin(chunk);
    return this.stream.write(chunk);
  }

  end(): void {
    if (this.stream === undefined) this.decoded.end();
    else this.stream.end();
  }

  pause(): void {
    this.stream?.pause();
  }

  resume(): void {
    this.stream?.resume();
  }

  destroy(): void {
    this.stream?.destroy();
  }

  private begin(first: Buffer): Transform {
    return this.open(first)
      .on('data', (chunk: Buffer) => this.decoded.data(chunk))
      .on('end', () => this.decoded.end())
      .on('drain', () => this.decoded.drained())
      .on('error', error => this.decoded.error(error));
  }
}
