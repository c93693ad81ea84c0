import fc from 'fast-check';
import { decodeRecords, encodeRecord } from './journal.record.js';
import type { LedgerEntry } from './ledger-entry.js';

const entryOf = (id: string): LedgerEntry => ({
  id,
  requestId: 'é€😀',
  startedAt: new Date(1),
  firstByteAt: null,
  endedAt: new Date(2),
  subject: 's',
  tier: 'free',
  credential: { type: 'token', id: 't' },
  model: 'm',
  upstream: null,
  endpoint: 'chat/completions',
  streamed: false,
  outcome: 'completed',
  status: 200,
  usageSource: 'reported',
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
  costMicros: 3,
  bytesIn: 4,
  bytesOut: 5,
});

const entries = ['a', 'b', 'c'].map(entryOf);
const segment = Buffer.from(entries.map(encodeRecord).join(''));

describe('journal records', () => {
  it('are read back as they were written', () => {
    expect(decodeRecords(segment.toString('utf8'))).toEqual(entries);
  });

  it('lose at most the torn one, wherever the segment is cut', () => {
    fc.assert(
      fc.property(fc.nat(segment.length), length => {
        const read = decodeRecords(segment.subarray(0, length).toString('utf8'));
        expect(read).toEqual(entries.slice(0, read.length));
      }),
    );
  });

  it('lose at most the damaged ones, and never the shape of an entry, whatever byte is flipped', () => {
    fc.assert(
      fc.property(fc.nat(segment.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = Buffer.from(segment);
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        const read = decodeRecords(damaged.toString('utf8'));
        for (const entry of read) expect(entries).toContainEqual(entry);
        expect(read.length).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
