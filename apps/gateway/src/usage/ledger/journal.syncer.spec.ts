import { Logger } from '@nestjs/common';
import type { JournalSegment } from './journal.segment.js';
import { JournalSyncer } from './journal.syncer.js';

/** A segment whose disk answers when the test says so. */
class SlowSegment {
  running = 0;
  most = 0;
  synced = 0;

  constructor(private readonly fails = false) {}

  async sync(): Promise<void> {
    this.running++;
    this.most = Math.max(this.most, this.running);
    await new Promise(resolve => setImmediate(resolve));
    this.running--;
    if (this.fails) throw new Error('EIO');
    this.synced++;
  }
}

const asSegment = (segment: SlowSegment): JournalSegment => segment as unknown as JournalSegment;

describe('JournalSyncer', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('brings to the disk what was written before the call, one sync at a time', async () => {
    const syncer = new JournalSyncer(60_000);
    const segment = new SlowSegment();
    const calls: Promise<void>[] = [];
    for (let write = 1; write <= 3; write++) {
      syncer.touch(asSegment(segment));
      calls.push(syncer.sync());
    }
    await calls[0];
    expect(segment.synced).toBe(1);
    await Promise.all(calls);
    expect(segment.most).toBe(1);
    syncer.end();
  });

  it('syncs nothing that is on the disk already', async () => {
    const syncer = new JournalSyncer(60_000);
    const segment = new SlowSegment();
    syncer.touch(asSegment(segment));
    await syncer.sync();
    await syncer.sync();
    expect(segment.synced).toBe(1);
  });

  it('goes on with the other segments where the disk refuses one', async () => {
    const syncer = new JournalSyncer(60_000);
    const good = new SlowSegment();
    syncer.touch(asSegment(new SlowSegment(true)));
    syncer.touch(asSegment(good));
    await syncer.sync();
    expect(good.synced).toBe(1);
  });

  it('comes by itself at its interval', async () => {
    const syncer = new JournalSyncer(1);
    const synced = new Promise<void>(resolve => {
      syncer.touch({ sync: () => Promise.resolve(resolve()) } as unknown as JournalSegment);
    });
    await synced;
    syncer.end();
  });
});
