import { brotliCompressSync, constants, createBrotliCompress, createGzip, gzipSync } from 'node:zlib';
import type { Transform } from 'node:stream';
import type { Faults } from './faults.js';

/** An encoding that nobody asked for. */
export interface BodyEncoding {
  readonly name: string;
  whole(body: Buffer): Buffer;
  /** Each write comes out at once, as a server that streams must have it. */
  stream(): Transform;
}

const GZIP: BodyEncoding = {
  name: 'gzip',
  whole: body => gzipSync(body),
  stream: () => createGzip({ flush: constants.Z_SYNC_FLUSH }),
};

const BROTLI: BodyEncoding = {
  name: 'br',
  whole: body => brotliCompressSync(body),
  stream: () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
};

/** The encoding that the faults ask for, if any. */
export function encodingOf({ gzip, brotli }: Faults): BodyEncoding | undefined {
  return gzip === true ? GZIP : brotli === true ? BROTLI : undefined;
}
