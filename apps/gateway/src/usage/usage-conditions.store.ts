import { Prisma } from '../platform/database/index.js';
import type { UsageFilter } from './usage-filter.js';
import type { Span } from './usage-range.js';

/** The conditions of a filter on whose and which requests, as every table of usage has the columns. */
export const whoAndWhat = ({ subject, tier, model }: UsageFilter): Prisma.Sql[] => [
  ...(subject === undefined ? [] : [Prisma.sql`subject = ${subject}`]),
  ...(tier === undefined ? [] : [Prisma.sql`tier = ${tier}`]),
  ...(model === undefined ? [] : [Prisma.sql`model = ${model}`]),
];

/** The condition that a time is within the span. */
export const within = (column: 'started_at' | 'starts_at', { fromMs, toMs }: Span): Prisma.Sql =>
  Prisma.sql`${Prisma.raw(column)} >= ${new Date(fromMs)}::timestamptz AND ${Prisma.raw(column)} < ${new Date(toMs)}::timestamptz`;

export const allOf = (conditions: Prisma.Sql[]): Prisma.Sql => Prisma.join(conditions, ' AND ');
