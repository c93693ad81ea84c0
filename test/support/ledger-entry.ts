import { randomUUID } from 'node:crypto';
import type { Closing, OpenedEntry, WrittenEntry } from '../../apps/gateway/src/usage/ledger/ledger-entry.js';

type Fields = Omit<OpenedEntry, 'estimate'> & Closing;

/** An entry as the ledger takes it, with the fields that its JSON has. */
export type LedgerEntry = Fields & WrittenEntry;

/** A completed request that began at the time, with other fields as told. */
export function entryAt(startedAt: Date, fields: Partial<Fields> = {}): LedgerEntry {
  const id = randomUUID();
  const entry: Fields = {
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
    upstreamModel: null,
    attempts: 1,
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
  return { ...entry, json: JSON.stringify(entry) };
}
