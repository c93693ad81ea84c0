import { formatDuration } from '../../platform/config/index.js';
import { covers, type LimitState, type TierLimit } from './tier-limit.js';

// The fields RateLimit and RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers-10: structured fields (RFC 9651) with one
// member for each limit.

/** The largest integer of a structured field. */
const MAX_INTEGER = 999_999_999_999_999;
/** What a name may not hold as it is: an id of a model has none of it. */
const NOT_PLAIN = /[^\w.-]/g;

const integerOf = (value: number): number => Math.min(MAX_INTEGER, Math.max(0, Math.floor(value)));

interface LimitTexts {
  /** The member of `RateLimit-Policy`. */
  readonly policy: string;
  /** The beginning of the member of `RateLimit`. */
  readonly remaining: string;
}

/** Limits live as long as their tier. Their texts are the same for each request. */
const texts = new WeakMap<TierLimit, LimitTexts>();

function textsOf(limit: TierLimit): LimitTexts {
  const known = texts.get(limit);
  if (known !== undefined) return known;
  const { unit, windowMs, modelId } = limit;
  const window = windowMs === null ? '' : `-${formatDuration(windowMs)}`;
  const name = `"${unit}${window}${modelId === null ? '' : `-${modelId.replace(NOT_PLAIN, '_')}`}"`;
  const seconds = windowMs === null ? '' : `;w=${Math.ceil(windowMs / 1000)}`;
  const made = { policy: `${name};q=${integerOf(limit.limit)}${seconds};qu="${unit}"`, remaining: `${name};r=` };
  texts.set(limit, made);
  return made;
}

/** Adds `ratelimit-policy` and `ratelimit` to a list of headers, for the limits that the model counts against. */
export function pushRateLimitFields(headers: string[], states: readonly LimitState[], modelId: string): void {
  let policy = '';
  let left = '';
  for (const { limit, remaining, resetMs } of states) {
    if (!covers(limit, modelId)) continue;
    const text = textsOf(limit);
    const separator = policy === '' ? '' : ', ';
    policy += separator + text.policy;
    left += separator + text.remaining + String(integerOf(remaining));
    if (limit.windowMs !== null) left += `;t=${integerOf(Math.ceil(resetMs / 1000))}`;
  }
  if (policy !== '') headers.push('ratelimit-policy', policy, 'ratelimit', left);
}
