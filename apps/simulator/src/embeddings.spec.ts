import fc from 'fast-check';
import { embed, embeddingsBody } from './embeddings.js';

describe('an embedding', () => {
  it('is a unit vector, the same for the same text', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 256 }), (text, dimensions) => {
        const vector = embed(text, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
        expect(embed(text, dimensions)).toEqual(vector);
      }),
    );
  });

  it('is the same numbers as floats and as base64', () => {
    const read = (format: 'float' | 'base64') =>
      (
        JSON.parse(embeddingsBody({ model: 'm', input: ['one', 'two'], encoding_format: format }, true)) as {
          data: { embedding: number[] | string }[];
        }
      ).data[1]?.embedding;
    const bytes = Buffer.from(String(read('base64')), 'base64');
    expect(Array.from({ length: 64 }, (_, at) => bytes.readFloatLE(at * 4))).toEqual(read('float'));
  });
});
