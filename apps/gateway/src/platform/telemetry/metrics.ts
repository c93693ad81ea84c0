import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Every series of the process. Labels are bounded by the catalog and the tiers; never a subject, key or request id. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const registers = [registry];
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export const requestsTotal = new Counter({
  registers,
  name: 'maas_requests_total',
  help: 'Admitted requests, by how they ended',
  labelNames: ['model', 'tier', 'outcome'],
});
export const tokensTotal = new Counter({
  registers,
  name: 'maas_tokens_total',
  help: 'Tokens charged',
  labelNames: ['model', 'tier', 'kind'],
});
export const refusalsTotal = new Counter({
  registers,
  name: 'maas_refusals_total',
  help: 'Requests refused before an upstream was asked',
  labelNames: ['tier', 'reason'],
});
export const requestSeconds = new Histogram({
  registers,
  name: 'maas_request_duration_seconds',
  help: 'From admission to the last byte',
  labelNames: ['model'],
  buckets: SECONDS,
});
export const firstByteSeconds = new Histogram({
  registers,
  name: 'maas_first_byte_seconds',
  help: "From admission to the answer's first byte",
  labelNames: ['model'],
  buckets: SECONDS,
});
export const requestsInFlight = new Gauge({
  registers,
  name: 'maas_requests_in_flight',
  help: 'Admitted requests that have not ended',
  labelNames: ['model'],
});
export const ledgerQueueEntries = new Gauge({
  registers,
  name: 'maas_ledger_queue_entries',
  help: 'Ledger entries that Postgres does not have yet',
});
export const journalBytes = new Gauge({
  registers,
  name: 'maas_journal_bytes',
  help: 'What the journal of the ledger takes of the disk',
});
export const journalAccepting = new Gauge({
  registers,
  name: 'maas_journal_accepting',
  help: '1 while the journal has room for another request, 0 while requests are refused for want of it',
});
export const journalErrorsTotal = new Counter({
  registers,
  name: 'maas_journal_errors_total',
  help: 'What the disk refused to the journal',
  labelNames: ['operation'],
});
export const quotaState = new Gauge({
  registers,
  name: 'maas_quota_state',
  help: 'Where replicas share limits: 1 for what decides now, Redis (shared) or the fallback (local, closed, open)',
  labelNames: ['state'],
});
