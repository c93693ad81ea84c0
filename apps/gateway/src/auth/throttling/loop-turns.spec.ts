import { LoopTurns } from './loop-turns.js';

describe('turns of the event loop', () => {
  let turn = 0;
  let counting = true;

  beforeEach(() => {
    counting = true;
    const count = (): void => {
      turn++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
  });
  afterEach(() => void (counting = false));

  it('are given to one waiter each, in order', async () => {
    const turns = new LoopTurns();
    for (let round = 0; round < 2; round++) {
      const had: [number, number][] = [];
      const waiter = async (index: number): Promise<void> => {
        expect(await turns.next(() => false)).toBe(true);
        had.push([index, turn]);
      };
      await Promise.all([...Array(10).keys()].map(waiter));
      expect(had.map(([index]) => index)).toEqual([...Array(10).keys()]);
      expect(new Set(had.map(([, at]) => at)).size).toBe(10);
    }
  });

  it('are not taken by those who have gone', async () => {
    const turns = new LoopTurns();
    const before = turn;
    const there = await Promise.all([...Array(1000).keys()].map(index => turns.next(() => index !== 999)));
    expect(there.filter(Boolean)).toEqual([true]);
    expect(there.at(-1)).toBe(true);
    expect(turn - before).toBeLessThan(5);
  });
});
