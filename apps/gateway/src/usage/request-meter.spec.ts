import type { Closing } from './ledger/ledger-entry.js';
import { openedEntry } from './ledger/ledger-entry.fixture.js';
import type { Measured } from './measured.js';
import { RequestMeter } from './request-meter.js';

const measured: Measured = {
  outcome: 'completed',
  status: 200,
  upstream: { id: 'upstream-1', model: 'Qwen/Qwen3-8B' },
  attempts: 1,
  firstByteAt: null,
  bytesOut: 20,
  tokens: { inputTokens: 1_000_000, cachedInputTokens: 0, outputTokens: 5, reasoningTokens: 0 },
  usageSource: 'reported',
};

describe('RequestMeter', () => {
  const entries: Closing[] = [];
  const settled: unknown[] = [];
  const meter = () =>
    new RequestMeter(
      openedEntry('entry-1'),
      { inputPerMillion: 0.2, outputPerMillion: 0 },
      closing => {
        entries.push(closing);
        return Promise.resolve();
      },
      { settle: actual => void settled.push(actual) },
    );

  beforeEach(() => {
    entries.length = 0;
    settled.length = 0;
  });

  it('writes one entry and settles once, however often the end is told', () => {
    const open = meter();
    expect(open.closed).toBe(false);
    void open.close(measured);
    void open.close({ ...measured, outcome: 'interrupted' });
    expect(open.closed).toBe(true);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      outcome: 'completed',
      upstream: 'upstream-1',
      upstreamModel: 'Qwen/Qwen3-8B',
      attempts: 1,
      costMicros: 200_000,
    });
    expect(settled).toEqual([{ inputTokens: 1_000_000, outputTokens: 5, costMicros: 200_000 }]);
  });

  it('never ends before it began', () => {
    void meter().close(measured);
    const [entry] = entries;
    expect(entry!.endedAt.getTime()).toBeGreaterThanOrEqual(openedEntry('entry-1').startedAt.getTime());
  });

  it('never ends before its first byte, which another clock tells', () => {
    const firstByteAt = new Date(openedEntry('entry-1').startedAt.getTime() + 60_000);
    void meter().close({ ...measured, firstByteAt });
    expect(entries).toMatchObject([{ firstByteAt, endedAt: firstByteAt }]);
  });

  it('settles at nothing where nothing was served', () => {
    const tokens = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
    void meter().close({ ...measured, outcome: 'upstream_failed', tokens, usageSource: 'none' });
    expect(settled).toEqual([{ inputTokens: 0, outputTokens: 0, costMicros: 0 }]);
  });
});
