import type { Cell } from './csv.js';
import type { EntryRow } from './usage-entries.store.js';
import type { SumRow } from './usage-sums.store.js';
import type { EntryOnTheWire, GroupKey, UsageSum } from './usage.schemas.js';

// How rows of the database look to a caller, as JSON and as CSV.

export const sumOf = (row: SumRow, keys: readonly GroupKey[]): UsageSum => ({
  ...Object.fromEntries(
    keys.map(key => [key, key === 'credential' ? { type: row.credentialType, id: row.credential } : row[key]]),
  ),
  requests: Number(row.requests),
  inputTokens: Number(row.inputTokens),
  cachedInputTokens: Number(row.cachedInputTokens),
  outputTokens: Number(row.outputTokens),
  reasoningTokens: Number(row.reasoningTokens),
  costMicros: Number(row.costMicros),
  refused: {
    requests: Number(row.refusedRequests),
    tokens: Number(row.refusedTokens),
    cost: Number(row.refusedCost),
    concurrency: Number(row.refusedConcurrency),
    access: Number(row.refusedAccess),
  },
});

export function entryOf({ credentialType, credentialId, ...row }: EntryRow): EntryOnTheWire {
  return {
    ...row,
    startedAt: row.startedAt.toISOString(),
    firstByteAt: row.firstByteAt?.toISOString() ?? null,
    endedAt: row.endedAt.toISOString(),
    // CHECK constraints hold these columns to the values of the contract.
    credential: { type: credentialType as EntryOnTheWire['credential']['type'], id: credentialId },
    outcome: row.outcome as EntryOnTheWire['outcome'],
    usageSource: row.usageSource as EntryOnTheWire['usageSource'],
    costMicros: Number(row.costMicros),
    bytesIn: Number(row.bytesIn),
    bytesOut: Number(row.bytesOut),
  };
}

type Columns<Row> = Record<string, (row: Row) => Cell>;

const keyColumns = (key: GroupKey): Columns<UsageSum> =>
  key === 'credential'
    ? { credentialType: row => row.credential?.type ?? null, credentialId: row => row.credential?.id ?? null }
    : { [key]: row => row[key] ?? null };

export const sumColumns = (keys: readonly GroupKey[]): Columns<UsageSum> => ({
  ...Object.fromEntries(keys.flatMap(key => Object.entries(keyColumns(key)))),
  requests: row => row.requests,
  inputTokens: row => row.inputTokens,
  cachedInputTokens: row => row.cachedInputTokens,
  outputTokens: row => row.outputTokens,
  reasoningTokens: row => row.reasoningTokens,
  costMicros: row => row.costMicros,
  refusedRequests: row => row.refused.requests,
  refusedTokens: row => row.refused.tokens,
  refusedCost: row => row.refused.cost,
  refusedConcurrency: row => row.refused.concurrency,
  refusedAccess: row => row.refused.access,
});

export const entryColumns: Columns<EntryOnTheWire> = {
  id: row => row.id,
  requestId: row => row.requestId,
  startedAt: row => row.startedAt,
  firstByteAt: row => row.firstByteAt,
  endedAt: row => row.endedAt,
  subject: row => row.subject,
  tier: row => row.tier,
  credentialType: row => row.credential.type,
  credentialId: row => row.credential.id,
  model: row => row.model,
  upstream: row => row.upstream,
  upstreamModel: row => row.upstreamModel,
  attempts: row => row.attempts,
  endpoint: row => row.endpoint,
  streamed: row => row.streamed,
  outcome: row => row.outcome,
  status: row => row.status,
  inputTokens: row => row.inputTokens,
  cachedInputTokens: row => row.cachedInputTokens,
  outputTokens: row => row.outputTokens,
  reasoningTokens: row => row.reasoningTokens,
  usageSource: row => row.usageSource,
  costMicros: row => row.costMicros,
  bytesIn: row => row.bytesIn,
  bytesOut: row => row.bytesOut,
};
