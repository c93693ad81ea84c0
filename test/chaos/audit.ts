import type { LedgerRow } from './ledger-rows.js';
import type { Trace } from './trace.js';

/** What the ledger got wrong, one line each. */
export interface Audit {
  /** Requests that came to the upstream, or that a client saw whole, without an entry. */
  lost: string[];
  /** Requests with more than one entry, and entries of requests that nobody sent. */
  doubled: string[];
  /** Entries whose tokens are not those of the answer. */
  wrong: string[];
  /** Entries that do not say what became of the request. */
  mistold: string[];
}

/** Holds the ledger against what both ends of each request saw. */
export function audit(traces: Iterable<Trace>, rows: readonly LedgerRow[]): Audit {
  const found: Audit = { lost: [], doubled: [], wrong: [], mistold: [] };
  const byRequest = new Map<string, LedgerRow[]>();
  for (const row of rows) byRequest.set(row.requestId, [...(byRequest.get(row.requestId) ?? []), row]);
  for (const trace of traces) {
    const { requestId } = trace.plan;
    const entries = byRequest.get(requestId) ?? [];
    byRequest.delete(requestId);
    const [entry] = entries;
    if (entry === undefined) {
      if (trace.whole || trace.arrivals > 0) found.lost.push(`${requestId}: ${told(trace)}, and no entry`);
      continue;
    }
    if (entries.length > 1) found.doubled.push(`${requestId}: ${entries.length} entries`);
    const mistake = mistakeIn(entry, trace);
    if (mistake !== undefined) found.mistold.push(`${requestId}: ${told(trace)}; ${mistake}`);
    const error = tokenError(entry, trace);
    if (error !== undefined) found.wrong.push(`${requestId}: ${told(trace)}; ${entry.outcome}, ${error}`);
  }
  for (const requestId of byRequest.keys()) found.doubled.push(`${requestId}: an entry of a request that nobody sent`);
  return found;
}

function mistakeIn({ outcome }: LedgerRow, trace: Trace): string | undefined {
  if (trace.whole && outcome !== 'completed') return `the client saw the last byte, and the entry is ${outcome}`;
  if (trace.status === 429 || /cannot be recorded/.test(trace.refusal)) return 'it was refused, and has an entry';
  if (trace.arrivals > 1) return `it came to the upstream ${trace.arrivals} times`;
  return undefined;
}

function tokenError(entry: LedgerRow, trace: Trace): string | undefined {
  const { plan, tokensSeen, tokensSent, whole } = trace;
  const { inputTokens, outputTokens, outcome, usageSource } = entry;
  const reported = usageSource === 'reported';
  if (reported && inputTokens !== plan.promptTokens)
    return `${inputTokens} input tokens reported instead of ${plan.promptTokens}`;
  if (whole || outcome === 'completed') {
    if (plan.reporting !== 'never' && !reported) return `its count is ${usageSource} though the upstream told it`;
    return outputTokens === plan.outputTokens
      ? undefined
      : `${outputTokens} output tokens instead of ${plan.outputTokens}`;
  }
  // A request that a crash interrupted was not measured to its end: its own cap bounds what it may be charged.
  const atMost = usageSource === 'estimated' ? plan.maxTokens : tokensSent;
  if (outputTokens > atMost) return `${outputTokens} output tokens (${usageSource}), and no more than ${atMost} can be`;
  if (outcome === 'client_aborted' && outputTokens < tokensSeen)
    return `${outputTokens} output tokens (${usageSource}), and the client saw ${tokensSeen}`;
  return undefined;
}

function told({ plan, whole, tokensSeen, tokensSent, arrivals }: Trace): string {
  const upstream = arrivals === 0 ? 'never came to the upstream' : `the upstream sent ${tokensSent}`;
  const kind = `${plan.reporting}${plan.stream ? ', streamed' : ''}`;
  return `${kind}, ${plan.outputTokens} tokens, ${upstream}, the client saw ${whole ? 'all' : tokensSeen}`;
}
