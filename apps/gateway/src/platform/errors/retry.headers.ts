/** The common SDKs ignore a longer Retry-After and retry within seconds; `x-should-retry` stops them. */
const LONGEST_HEEDED_SECONDS = 60;

/** Tells the SDKs of OpenAI and Anthropic not to repeat the request. Other clients do not know the header. */
export const NO_RETRY: Readonly<Record<string, string>> = { 'x-should-retry': 'false' };

/** `Retry-After` in whole seconds, rounded up so that no client returns too early. */
export function retryHeaders(retryAfterMs: number): Record<string, string> {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return { 'retry-after': String(seconds), ...(seconds > LONGEST_HEEDED_SECONDS ? NO_RETRY : {}) };
}
