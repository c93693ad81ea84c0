import { CountsThrottlerStorage } from './counts.throttler-storage.js';

const WINDOW_MS = 60_000;

describe('the storage of the throttlers', () => {
  let nowMs = 0;
  let storage: CountsThrottlerStorage;

  beforeEach(() => {
    nowMs = 0;
    storage = new CountsThrottlerStorage(() => nowMs, 100);
  });

  const hit = (key: string, name = 'mints', limit = 3) => storage.increment(key, WINDOW_MS, limit, 0, name);

  it('refuses what is over the limit until the first hits have left the window', async () => {
    for (let hits = 1; hits <= 3; hits++)
      expect(await hit('a')).toMatchObject({ totalHits: hits, isBlocked: false, timeToBlockExpire: 0 });
    nowMs = 1000;
    const refused = await hit('a');
    expect(refused).toMatchObject({ isBlocked: true, timeToBlockExpire: 62 });
    nowMs += refused.timeToBlockExpire * 1000;
    expect(await hit('a')).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('does not count what it refuses', async () => {
    for (let hits = 0; hits < 100; hits++) await hit('a');
    nowMs = WINDOW_MS * 1.05;
    expect(await hit('a')).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('counts each tracker, and each throttler, by itself', async () => {
    for (let hits = 0; hits < 3; hits++) await hit('a');
    expect(await hit('a')).toMatchObject({ isBlocked: true });
    expect(await hit('b')).toMatchObject({ isBlocked: false });
    expect(await hit('a', 'failures')).toMatchObject({ isBlocked: false });
  });

  it('remembers no more trackers than it may, and forgets those that are idle', async () => {
    const sizes = (): number[] =>
      [...(storage as unknown as { counts: Map<string, Map<string, unknown>> }).counts.values()].map(
        ({ size }) => size,
      );
    for (let tracker = 0; tracker < 1000; tracker++) await hit(`address ${tracker}`);
    expect(sizes()).toEqual([100]);
    nowMs = 2 * WINDOW_MS;
    for (let tracker = 0; tracker < 60; tracker++) await hit(`other ${tracker}`);
    expect(sizes()).toEqual([60]);
  });
});
