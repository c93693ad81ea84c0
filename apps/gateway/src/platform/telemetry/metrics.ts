import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { allTallies, durationsByModel, type RequestTally } from './request.tally.js';
import { TalliedHistogram } from './tallied.histogram.js';

/** Every series of the process. Labels are bounded by the catalog and the tiers; never a subject, key or request id. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const registers = [registry];

/** A counter of the tallies, told at each scrape. */
function tallied(
  name: string,
  help: string,
  label: 'outcome' | 'kind',
  read: (tally: RequestTally) => Iterable<[string, number]>,
): void {
  const counter = new Counter({
    registers,
    name,
    help,
    labelNames: ['model', 'tier', label],
    collect: () => {
      counter.reset();
      for (const tally of allTallies()) {
        const { model, tier } = tally;
        for (const [value, count] of read(tally)) counter.inc({ model, tier, [label]: value }, count);
      }
    },
  });
}

tallied('maas_requests_total', 'Admitted requests, by how they ended', 'outcome', ({ outcomes }) => outcomes);
tallied('maas_tokens_total', 'Tokens charged', 'kind', ({ tokens }) => Object.entries(tokens));

const inFlight = new Gauge({
  registers,
  name: 'maas_requests_in_flight',
  help: 'Admitted requests that have not ended',
  labelNames: ['model'],
  collect: () => {
    inFlight.reset();
    for (const tally of allTallies()) inFlight.inc({ model: tally.model }, tally.inFlight);
  },
});

new TalliedHistogram({
  registers,
  name: 'maas_request_duration_seconds',
  help: 'From admission to the last byte',
  read: () => durationsByModel(({ durations }) => durations),
});
new TalliedHistogram({
  registers,
  name: 'maas_first_byte_seconds',
  help: "From admission to the answer's first byte",
  read: () => durationsByModel(({ firstBytes }) => firstBytes),
});

export const refusalsTotal = new Counter({
  registers,
  name: 'maas_refusals_total',
  help: 'Requests refused before an upstream was asked',
  labelNames: ['tier', 'reason'],
});
export const heldBodyBytes = new Gauge({
  registers,
  name: 'maas_held_body_bytes',
  help: 'Bytes of request bodies in memory, bounded by MAAS_MAX_INFLIGHT_BYTES; requests beyond it get 503 overloaded',
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
export const connectionsOpen = new Gauge({
  registers,
  name: 'maas_connections_open',
  help: 'Open connections of clients',
});
export const connectionsRefusedTotal = new Counter({
  registers,
  name: 'maas_connections_refused_total',
  help: 'Connections refused over a limit: on all of them, or on those of one address',
  labelNames: ['limit'],
});
