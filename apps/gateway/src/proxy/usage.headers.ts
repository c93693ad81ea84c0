import type { TokenUsage } from '../usage/index.js';
import type { HeaderList } from './hop-by-hop.headers.js';

/** Adds what a request was charged, in tokens, under the names of OpenDataHub's platform. */
export function pushUsageHeaders(headers: HeaderList, { inputTokens, outputTokens }: TokenUsage): void {
  headers.push('x-odhu-usage-input-tokens', String(inputTokens), 'x-odhu-usage-output-tokens', String(outputTokens));
  headers.push('x-odhu-usage-total-tokens', String(inputTokens + outputTokens));
}
