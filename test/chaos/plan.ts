import type { Username } from '../support/gateway.js';
import type { Random } from './random.js';

/** How an upstream tells its usage: on every chunk, at the end, or never. */
export type Reporting = 'continuous' | 'final' | 'never';

export const REPORTINGS: readonly Reporting[] = ['continuous', 'final', 'never'];
export const USERNAMES: readonly Username[] = ['free-user', 'premium-user', 'enterprise-user', 'admin-user'];

/** Everything that will happen in one request, decided before it is sent. */
export interface Plan {
  readonly requestId: string;
  readonly username: Username;
  readonly reporting: Reporting;
  readonly endpoint: 'chat/completions' | 'completions';
  readonly stream: boolean;
  /** Whether the client itself asks for the usage of its stream. */
  readonly includeUsage: boolean;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly maxTokens: number;
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  /** The client leaves that long after it has sent its request. */
  readonly leaveAfterMs?: number;
  /** The client leaves that long after its request has come to the upstream. */
  readonly leaveAfterArrivalMs?: number;
  /** The client leaves when it has seen that many tokens of a stream. */
  readonly leaveAfterTokens?: number;
  /** The upstream waits after the first token until it is told to go on. */
  readonly held?: boolean;
  /** How slowly the client reads; as fast as it can where absent. */
  readonly bytesPerSecond?: number;
}

const LEAVE_MS = 150;
const MAX_TOKEN_MS = 20;

/** A client that stays, one that soon leaves, or one that leaves in the middle of its stream. */
function departure(random: Random, stream: boolean, outputTokens: number) {
  const lot = random.next();
  if (lot < 0.7) return {};
  if (lot < 0.8 || !stream) return { leaveAfterMs: random.integer(0, LEAVE_MS) };
  return { leaveAfterTokens: random.integer(1, outputTokens) };
}

/** A request like any other: of any user, to any endpoint, long or short, quick or slow, stayed for or left. */
export function mixedPlan(random: Random, requestId: string): Plan {
  const stream = random.chance(0.65);
  const outputTokens = random.integer(1, 60);
  return {
    requestId,
    username: random.pick(USERNAMES),
    reporting: random.pick(REPORTINGS),
    endpoint: random.chance(0.75) ? 'chat/completions' : 'completions',
    stream,
    includeUsage: random.chance(0.5),
    promptTokens: random.integer(1, 500),
    outputTokens,
    maxTokens: outputTokens + random.integer(0, 40),
    firstTokenMs: random.integer(0, 50),
    tokenMs: random.chance(0.5) ? 0 : random.integer(1, MAX_TOKEN_MS),
    ...departure(random, stream, outputTokens),
  };
}
