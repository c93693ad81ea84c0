import { jest } from '@jest/globals';
import type { CountRequest } from './count.message.js';
import { type ThreadEvents, TokenCounter } from './token-counter.js';

const COUNT = { inputTokens: 9, outputTokens: 3, reasoningTokens: 0 };
const order = (bytes = 1) => ({ model: 'x', text: Buffer.alloc(bytes) });

/** A counter over threads that do what the test says. */
function counterOver() {
  const threads: { events: ThreadEvents; requests: CountRequest[]; ended: boolean }[] = [];
  const warnings: string[] = [];
  const counter = new TokenCounter(
    events => {
      const thread = { events, requests: [] as CountRequest[], ended: false };
      threads.push(thread);
      return { post: request => void thread.requests.push(request), end: () => (thread.ended = true) };
    },
    message => void warnings.push(message),
  );
  return { counter, threads, warnings };
}

describe('TokenCounter', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('hands out what its thread has counted', async () => {
    const { counter, threads } = counterOver();
    const counted = counter.count(order());
    threads[0]?.events.reply({ type: 'counted', id: threads[0].requests[0]?.id ?? -1, count: COUNT });
    expect(await counted).toEqual(COUNT);
    expect(threads).toHaveLength(1);
  });

  it('is ready when its thread is, when that is no more, or when it takes too long', async () => {
    for (const end of [
      (events: ThreadEvents) => events.reply({ type: 'ready' }),
      (events: ThreadEvents) => events.gone('out of memory'),
      () => jest.advanceTimersByTime(10_000),
    ]) {
      const { counter, threads } = counterOver();
      let isReady = false;
      counter.start();
      const ready = counter.ready().then(() => (isReady = true));
      await Promise.resolve();
      expect(isReady).toBe(false);
      const [thread] = threads;
      if (thread !== undefined) end(thread.events);
      await ready;
    }
  });

  it('gives up what a dead thread has left, and opens another for the next order', async () => {
    const { counter, threads, warnings } = counterOver();
    const lost = counter.count(order());
    threads[0]?.events.gone('out of memory');
    expect(await lost).toBeUndefined();
    const counted = counter.count(order());
    threads[1]?.events.reply({ type: 'counted', id: threads[1].requests[0]?.id ?? -1, count: COUNT });
    expect(await counted).toEqual(COUNT);
    expect(warnings).toHaveLength(1);
  });

  it('keeps nobody waiting for longer than a second, and replaces a thread that hangs', async () => {
    const { counter, threads } = counterOver();
    counter.start();
    threads[0]?.events.reply({ type: 'ready' });
    const late = counter.count(order());
    jest.advanceTimersByTime(1000);
    expect(await late).toBeUndefined();
    expect(threads[0]?.ended).toBe(true);
    void counter.count(order());
    expect(threads).toHaveLength(2);
  });

  it('lets a thread that is loading take its time', async () => {
    const { counter, threads } = counterOver();
    const late = counter.count(order());
    jest.advanceTimersByTime(1000);
    expect(await late).toBeUndefined();
    expect(threads[0]?.ended).toBe(false);
  });

  it('does not let more wait than it has room for', async () => {
    const { counter, threads } = counterOver();
    for (let i = 0; i < 1000; i++) void counter.count(order());
    expect(await counter.count(order())).toBeUndefined();
    expect(threads[0]?.requests).toHaveLength(1000);
    expect(await counterOver().counter.count(order(2 * 1024 * 1024))).toBeUndefined();
  });

  it('gives up what waits when it is stopped', async () => {
    const { counter, threads } = counterOver();
    const lost = counter.count(order());
    counter.stop();
    expect(await lost).toBeUndefined();
    expect(threads[0]?.ended).toBe(true);
  });
});
