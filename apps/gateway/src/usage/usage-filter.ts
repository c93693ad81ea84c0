import { invalidRequest } from '../platform/errors/index.js';
import { hourAfter, hourBefore } from './usage-range.js';

const DEFAULT_MS = 30 * 86_400_000;

/** What is asked for; a filter that is absent lets everything through. */
export interface UsageFilter {
  from: Date;
  to: Date;
  subject?: string | undefined;
  tier?: string | undefined;
  model?: string | undefined;
}

/**
 * The filter of a query; the last 30 days where it tells no time, rounded outwards to whole hours, because those are
 * summed up already.
 * @throws ApiError 400 where the time has no length
 */
export function filterOf(query: Partial<UsageFilter>, nowMs: number): UsageFilter {
  const to = query.to ?? new Date(hourAfter(nowMs));
  const from = query.from ?? new Date(hourBefore((query.to?.getTime() ?? nowMs) - DEFAULT_MS));
  if (from >= to) throw invalidRequest('from: must be before `to`', 'from');
  return { from, to, subject: query.subject, tier: query.tier, model: query.model };
}
