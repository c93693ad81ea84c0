import zlib from 'node:zlib';
import { ContentDecoder, isEncoded } from './content.decoder.js';

function decode(encoding: string, chunks: Buffer[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const decoded: Buffer[] = [];
    const decoder = ContentDecoder.of(encoding, {
      data: chunk => void decoded.push(chunk),
      end: () => resolve(Buffer.concat(decoded)),
      error: reject,
      drained: () => undefined,
    });
    for (const chunk of chunks) decoder?.write(chunk);
    decoder?.end();
  });
}

const bytesOf = (bytes: Buffer): Buffer[] => [...bytes].map(byte => Buffer.of(byte));

describe('an encoded answer', () => {
  it.each<[string, (text: Buffer) => Buffer]>([
    ['gzip', zlib.gzipSync],
    ['x-gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['deflate', zlib.deflateRawSync],
    ['br', zlib.brotliCompressSync],
  ])('in %s is decoded, byte by byte', async (encoding, encode) => {
    const text = Buffer.from('data: {"a":"é"}\n\n'.repeat(50));
    expect((await decode(encoding, bytesOf(encode(text)))).equals(text)).toBe(true);
    expect((await decode(` ${encoding.toUpperCase()} `, [encode(text)])).equals(text)).toBe(true);
  });

  it('that is cut or false is an error, and one without a byte is empty', async () => {
    await expect(decode('gzip', [zlib.gzipSync('hello').subarray(0, 15)])).rejects.toThrow();
    await expect(decode('br', [Buffer.from('no brotli at all')])).rejects.toThrow();
    expect(await decode('gzip', [])).toHaveLength(0);
  });

  it('unfolds no further than its reader takes', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024));
    let taken = 0;
    const first = new Promise<void>(resolve => {
      const decoder = ContentDecoder.of('gzip', {
        data: chunk => {
          taken += chunk.length;
          decoder?.pause();
          resolve();
        },
        end: () => undefined,
        error: () => undefined,
        drained: () => undefined,
      });
      expect(decoder?.write(bomb)).toBe(false);
    });
    await first;
    await new Promise(resolve => setImmediate(resolve));
    expect(taken).toBeLessThan(1024 * 1024);
  });

  it('is known by its header', () => {
    for (const plain of [undefined, '', 'identity', ' Identity ']) expect(isEncoded(plain)).toBe(false);
    for (const encoded of ['gzip', 'br', 'gzip, br', 'compress']) expect(isEncoded(encoded)).toBe(true);
    expect(ContentDecoder.of('compress', {} as never)).toBeUndefined();
  });
});
