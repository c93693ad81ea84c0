import { randomUUID } from 'node:crypto';
import type { LedgerEntry } from '../../apps/gateway/src/usage/ledger/ledger-entry.js';

/** A completed request that began at the time, with other fields as told. */
export function entryAt(startedAt: Date, fields: Partial<LedgerEntry> = {}): LedgerEntry {
  const id = randomUUID();
  return {
    id,
    requestId: id,
    startedAt,
    firstByteAt: startedAt,
    endedAt: new Date(startedAt.getTime() + 100),
    subject: 'ada',
    tier: 'free',
    credential: { type: 'token', id: 'token-1' },
    model: 'simulator',
    upstream: null,
    endpoint: 'chat/completions',
    streamed: false,
    outcome: 'completed',
    status: 200,
    inputTokens: 10,
    cachedInputTokens: 3,
    outputTokens: 20,
    reasoningTokens: 2,
    usageSource: 'reported',
    costMicros: 7,
    bytesIn: 100,
    bytesOut: 400,
    ...fields,
  };
}
