import { RelayedText, type TextCount } from './relayed.text.js';

describe('relayed text', () => {
  it('goes to be counted before it is too long to keep', async () => {
    const taken: number[] = [];
    const text = new RelayedText(part => {
      taken.push(part.length);
      return Promise.resolve<TextCount>({ outputTokens: 1, reasoningTokens: 0 });
    });
    const piece = Buffer.alloc(100, 'x');
    for (let i = 0; i < 1000; i++) text.add('answer', piece, 0, piece.length);
    expect(Math.max(...taken)).toBeLessThan(17 * 1024);
    expect(taken.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(80_000);
    expect(await Promise.all(text.counted)).toHaveLength(taken.length);
    expect(text.isEmpty).toBe(false);
  });

  it('is forgotten when the upstream has reported it', () => {
    const text = new RelayedText(() => Promise.resolve(undefined), 4);
    text.add('answer', Buffer.from('Hello'), 0, 5);
    text.add('answer', Buffer.from('you'), 0, 3);
    text.reported();
    expect(text.isEmpty).toBe(true);
    expect(text.estimate).toBe(0);
    expect(text.take()).toHaveLength(0);
    expect(text.counted).toHaveLength(0);
  });

  it('keeps answers that take turns apart, so that no word is made of two', () => {
    const text = new RelayedText(() => Promise.resolve(undefined), 1000, true);
    for (const piece of ['Hel', 'Good', 'lo']) text.add('answer', Buffer.from(piece), 0, piece.length);
    expect(text.take().toString()).toBe('\0Hel\0Good\0lo');
  });
});
