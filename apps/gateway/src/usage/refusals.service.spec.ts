import { Logger } from '@nestjs/common';
import { Refusals } from './refusals.service.js';
import type { RefusalStore, RefusalSum } from './refusal.store.js';

interface Sent {
  writer: string;
  number: number;
  counts: number[];
}

/** Takes nothing while `down`; `deaf` takes a batch and does not tell. */
class FlakyStore implements Pick<RefusalStore, 'add' | 'forgetWriters'> {
  state: 'up' | 'down' | 'deaf' = 'up';
  readonly sent: Sent[] = [];

  async add(writer: string, number: number, sums: readonly RefusalSum[]): Promise<void> {
    if (this.state === 'down') throw new Error('nobody there');
    this.sent.push({ writer, number, counts: sums.map(({ count }) => count) });
    if (this.state === 'deaf') throw new Error('connection lost');
  }

  async forgetWriters(): Promise<void> {
    // There are none.
  }
}

describe('refusals', () => {
  let store: FlakyStore;
  let refusals: Refusals;
  const refuse = (times: number): void => {
    for (let time = 0; time < times; time += 1) refusals.count('ada', 'free', 'simulator', 'tokens');
  };

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(() => {
    store = new FlakyStore();
    refusals = new Refusals(store as unknown as RefusalStore);
  });

  afterEach(async () => {
    store.state = 'up';
    await refusals.beforeApplicationShutdown();
  });

  it('are sent as sums, in batches that are numbered', async () => {
    refuse(3);
    await refusals.flush();
    refuse(2);
    await refusals.flush();
    expect(store.sent).toMatchObject([
      { number: 1, counts: [3] },
      { number: 2, counts: [2] },
    ]);
    expect(store.sent[1]?.writer).toBe(store.sent[0]?.writer);
  });

  it('are kept while Postgres is away', async () => {
    store.state = 'down';
    refuse(3);
    await refusals.flush();
    refuse(2);
    await refusals.flush();
    store.state = 'up';
    await refusals.flush();
    expect(store.sent.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count)).toBe(5);
  });

  it('go again as they went, under the same number, where nobody told that they arrived', async () => {
    store.state = 'deaf';
    refuse(3);
    await refusals.flush();
    refuse(2);
    store.state = 'up';
    await refusals.flush();
    expect(store.sent).toMatchObject([
      { number: 1, counts: [3] },
      { number: 1, counts: [3] },
      { number: 2, counts: [2] },
    ]);
  });
});
