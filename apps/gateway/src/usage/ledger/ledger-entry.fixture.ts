import { lineBytes, writeLine } from './journal.record.js';
import type { Closing, OpenedEntry } from './ledger-entry.js';

/** A request of the specifications, with characters of one to four bytes. */
export const openedEntry = (id: string): OpenedEntry => ({
  id,
  requestId: 'é€😀',
  startedAt: new Date(1_000_000),
  subject: 'alice',
  tier: 'free',
  credential: { type: 'token', id: 'jti' },
  model: 'simulator',
  endpoint: 'chat/completions',
  streamed: true,
  bytesIn: 4,
  estimate: { inputTokens: 10, outputTokens: 100, costMicros: 7 },
});

/** What it came to. */
export const closing: Closing = {
  firstByteAt: null,
  endedAt: new Date(2_000_000),
  upstream: '019abf6e-0000-7000-8000-000000000001',
  upstreamModel: 'Qwen/Qwen3-8B',
  attempts: 1,
  outcome: 'completed',
  status: 200,
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
  usageSource: 'reported',
  costMicros: 3,
  bytesOut: 5,
};

/** A record as the journal has it. */
export function lineOf(json: string): string {
  const line = Buffer.alloc(lineBytes(json));
  return line.toString('utf8', 0, writeLine(line, 0, json));
}
