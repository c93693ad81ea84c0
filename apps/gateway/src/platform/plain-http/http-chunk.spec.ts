import fc from 'fast-check';
import { httpChunk } from './http-chunk.js';

describe('httpChunk', () => {
  it('has the length in hexadecimal, and the bytes as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 5000 }), content => {
        const chunk = httpChunk(Buffer.from(content));
        const [size = ''] = chunk.toString('latin1').split('\r\n', 1);
        expect(size).toBe(content.length.toString(16));
        expect(chunk.subarray(size.length)).toEqual(Buffer.concat([Buffer.from('\r\n'), content, Buffer.from('\r\n')]));
      }),
    );
  });
});
