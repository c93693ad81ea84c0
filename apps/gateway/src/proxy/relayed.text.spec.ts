import { RelayedText, type TextCount } from './relayed.text.js';

const ONE: TextCount = { outputTokens: 1, reasoningTokens: 0 };

describe('relayed text', () => {
  it('goes to be counted before it is too long to keep, and its parts are summed', async () => {
    const taken: number[] = [];
    const text = new RelayedText(part => {
      taken.push(part.length);
      return Promise.resolve(ONE);
    });
    const piece = Buffer.alloc(100, 'x');
    for (let i = 0; i < 1000; i++) {
      text.add('answer', piece, 0, piece.length);
      await Promise.resolve();
    }
    expect(Math.max(...taken)).toBeLessThan(16 * 1024);
    expect(taken.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(80_000);
    expect(await text.counted(ONE)).toEqual({ outputTokens: taken.length + 1, reasoningTokens: 0 });
    expect(text.isEmpty).toBe(false);
  });

  it('in a flood is not counted, so that no other has to wait', async () => {
    let counting = 0;
    const text = new RelayedText(() => {
      counting++;
      return new Promise(() => undefined);
    });
    const piece = Buffer.alloc(100_000, 'x');
    for (let i = 0; i < 50; i++) text.add('answer', piece, 0, piece.length);
    expect(counting).toBe(4);
    expect(await text.counted(ONE)).toBeUndefined();
    expect(text.estimate).toBeGreaterThan(1_000_000);
  });

  it('is forgotten when the upstream has reported it', async () => {
    const text = new RelayedText(() => Promise.resolve(undefined), 4);
    text.add('answer', Buffer.from('Hello'), 0, 5);
    text.add('answer', Buffer.from('you'), 0, 3);
    text.reported();
    expect(text.isEmpty).toBe(true);
    expect(text.estimate).toBe(0);
    expect(text.take()).toHaveLength(0);
    expect(await text.counted(ONE)).toEqual(ONE);
  });

  it('keeps answers that take turns apart, so that no word is made of two', () => {
    const text = new RelayedText(() => Promise.resolve(undefined), 1000, true);
    for (const piece of ['Hel', 'Good', 'lo']) text.add('answer', Buffer.from(piece), 0, piece.length);
    expect(text.take().toString()).toBe('\0Hel\0Good\0lo');
  });
});
