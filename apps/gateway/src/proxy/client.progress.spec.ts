import { ClientProgress } from './client.progress.js';

const socket = (bytesWritten: number, writableLength: number, writeQueueSize = writableLength) => ({
  bytesWritten,
  writableLength,
  _handle: { writeQueueSize },
});

describe('ClientProgress', () => {
  it('counts the time in which bytes wait and none is taken', () => {
    const progress = new ClientProgress();
    expect([0, 10, 25].map(nowMs => progress.stalledMs(socket(100, 40), nowMs))).toEqual([0, 10, 25]);
  });
  it('begins again with each byte that is taken, also of a write that is not over', () => {
    const progress = new ClientProgress();
    progress.stalledMs(socket(100, 40), 0);
    expect(progress.stalledMs(socket(100, 40, 39), 50)).toBe(0);
    expect(progress.stalledMs(socket(100, 20, 39), 90)).toBe(0);
  });
  it('is not misled by more that is written meanwhile', () => {
    const progress = new ClientProgress();
    progress.stalledMs(socket(100, 40, 40), 0);
    expect(progress.stalledMs(socket(130, 70, 40), 50)).toBe(50);
  });
  it('does not count where nothing waits', () => {
    const progress = new ClientProgress();
    progress.stalledMs(socket(100, 0), 0);
    expect(progress.stalledMs(socket(100, 0), 90)).toBe(0);
  });
});
