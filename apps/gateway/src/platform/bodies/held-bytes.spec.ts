import { HeldBytes } from './held-bytes.js';

describe('the bytes that are held', () => {
  it('never exceed their bound', () => {
    const held = new HeldBytes(10);
    expect(held.tryHold(6)).toBe(true);
    expect(held.tryHold(5)).toBe(false);
    expect(held.total).toBe(6);
    expect(held.tryHold(4)).toBe(true);
  });

  it('make room when they are released', () => {
    const held = new HeldBytes(10);
    held.tryHold(10);
    held.release(3);
    expect(held.tryHold(3)).toBe(true);
    expect(held.tryHold(1)).toBe(false);
  });
});
