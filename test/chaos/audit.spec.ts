import { audit } from './audit.js';
import type { LedgerRow } from './ledger-rows.js';
import type { Plan } from './plan.js';
import { Trace } from './trace.js';

const PLAN: Plan = {
  requestId: 'one',
  username: 'free-user',
  reporting: 'continuous',
  endpoint: 'chat/completions',
  stream: true,
  includeUsage: false,
  promptTokens: 7,
  outputTokens: 20,
  maxTokens: 30,
  firstTokenMs: 0,
  tokenMs: 0,
};

function traced(part: Partial<Trace>, whole = false): Trace {
  const trace = Object.assign(new Trace(PLAN), part);
  if (whole) trace.completed();
  return trace;
}

const row = (part: Partial<LedgerRow> = {}): LedgerRow => ({
  id: '1',
  requestId: 'one',
  outcome: 'completed',
  status: 200,
  inputTokens: 7,
  outputTokens: 20,
  usageSource: 'reported',
  startedAt: new Date(0),
  ...part,
});

const whole = traced({ arrivals: 1, tokensSent: 20, tokensSeen: 20 }, true);
const left = traced({ arrivals: 1, tokensSent: 12, tokensSeen: 9 });
const interrupted = { outcome: 'interrupted', usageSource: 'estimated' };
const NOTHING = { lost: [], doubled: [], wrong: [], mistold: [] };

describe('the audit', () => {
  it.each([
    ['an entry for an answer that was seen whole', whole, [row()]],
    [
      'an abort that is charged for what lies between both ends',
      left,
      [row({ outcome: 'client_aborted', outputTokens: 10 })],
    ],
    ['an interruption within the request’s own cap', left, [row({ ...interrupted, outputTokens: 30 })]],
    ['no entry for a request that came to no upstream', traced({}), []],
  ])('finds nothing in %s', (_what, trace, rows) => {
    expect(audit([trace], rows)).toEqual(NOTHING);
  });

  it.each([
    ['lost', 'no entry for an answer that was seen whole', whole, []],
    ['lost', 'no entry for a request that came to an upstream', left, []],
    ['doubled', 'two entries', whole, [row(), row()]],
    ['doubled', 'an entry that nobody asked for', traced({}), [row({ requestId: 'other' })]],
    ['wrong', 'a token too many', whole, [row({ outputTokens: 21 })]],
    ['wrong', 'a prompt that is not what was reported', whole, [row({ inputTokens: 8 })]],
    ['wrong', 'an estimate where the upstream told its count', whole, [row({ usageSource: 'estimated' })]],
    [
      'wrong',
      'an abort that is charged for more than was sent',
      left,
      [row({ outcome: 'client_aborted', outputTokens: 13 })],
    ],
    [
      'wrong',
      'an abort that is charged for less than was seen',
      left,
      [row({ outcome: 'client_aborted', outputTokens: 8 })],
    ],
    ['wrong', 'an interruption beyond the cap', left, [row({ ...interrupted, outputTokens: 31 })]],
    [
      'mistold',
      'an answer that was seen whole and is entered as interrupted',
      whole,
      [row({ outcome: 'interrupted' })],
    ],
    ['mistold', 'an entry of a refusal', traced({ status: 429 }), [row()]],
    ['mistold', 'a request that was sent upstream twice', traced({ arrivals: 2, tokensSent: 20 }), [row()]],
  ] as const)('calls it %s: %s', (kind, _what, trace, rows) => {
    expect(audit([trace], rows)[kind]).toHaveLength(1);
  });
});
