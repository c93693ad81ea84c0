import fc from 'fast-check';
import { BytePieces } from './byte.pieces.js';

describe('BytePieces', () => {
  it('gives all that was added since it was asked last', () => {
    const rounds = fc.array(fc.array(fc.uint8Array({ maxLength: 4 })));
    fc.assert(
      fc.property(rounds, lists => {
        const pieces = new BytePieces();
        for (const list of lists) {
          for (const piece of list) pieces.add(Buffer.from(piece));
          const all = Buffer.concat(list);
          expect(pieces.length).toBe(all.length);
          expect(pieces.take()).toEqual(all);
          expect(pieces).toHaveLength(0);
        }
      }),
    );
  });

  it('does not copy what is alone', () => {
    const pieces = new BytePieces();
    const piece = Buffer.from('alone');
    pieces.add(piece);
    expect(pieces.take()).toBe(piece);
  });
});
