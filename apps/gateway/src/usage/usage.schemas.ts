import { z } from 'zod';
import { pageQuerySchema, wholeListQuerySchema } from '../platform/http/index.js';
import { listOf } from '../platform/openapi/index.js';

const count = z.int().min(0);

const OWN_KEYS = ['model', 'day', 'hour', 'credential'] as const;
const ADMIN_KEYS = [...OWN_KEYS, 'user', 'tier'] as const;
export type GroupKey = (typeof ADMIN_KEYS)[number];

/** What Postgres can hold; JavaScript's own dates reach further. */
const END_OF_TIME_MS = Date.UTC(9999, 11, 31);
const time = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-11-23T12:00:00Z' })
  .transform(text => new Date(text))
  .refine(date => date.getTime() >= 0 && date.getTime() < END_OF_TIME_MS, 'must be between 1970 and 9999');

/** Postgres has no NUL in a text, and answers one with an error. */
const name = z
  .string()
  .min(1)
  .max(255)
  .refine(text => !text.includes('\0'), 'must not hold a NUL');

const range = {
  from: time.optional().describe('From this time on (RFC 3339); the hour of 30 days before `to` or now'),
  to: time.optional().describe('Before this time (RFC 3339); the end of this hour'),
  model: name.optional().describe('Of this model alone'),
};
const admin = {
  subject: name.optional().describe('Of this user alone'),
  tier: name.optional().describe('Of this tier alone'),
};
const groupBy = <const Keys extends readonly [GroupKey, ...GroupKey[]]>(keys: Keys) =>
  z
    .string()
    .optional()
    .transform((text, context): GroupKey[] => {
      const asked = new Set((text ?? '').split(',').map(key => key.trim()));
      if (text === undefined || text === '') return [];
      const unknown = [...asked].find(key => !keys.some(known => known === key));
      if (unknown !== undefined)
        context.addIssue({ code: 'custom', message: `'${unknown}' is not one of ${keys.join(', ')}` });
      return keys.filter(key => asked.has(key));
    })
    .describe(`Any of ${keys.join(', ')}, comma-separated; one row of totals where absent`);

const sumPage = {
  limit: wholeListQuerySchema.shape.limit.describe('Sums per page, 1 to 100; the first 10000 of them where absent'),
  // Longer than an id: it holds what each key is, and a subject or a group's name may be as long as one by itself.
  after: z.string().max(8192).optional().describe('`next` of the page before'),
};
export const usageQuerySchema = z.strictObject({ ...range, groupBy: groupBy(OWN_KEYS), ...sumPage });
export const adminUsageQuerySchema = z.strictObject({ ...range, ...admin, groupBy: groupBy(ADMIN_KEYS), ...sumPage });
export type SumPage = Pick<z.output<typeof usageQuerySchema>, 'limit' | 'after'>;

const page = {
  limit: pageQuerySchema.shape.limit,
  after: z.uuid().optional().describe('The id of the last item of the page before'),
};
export const entriesQuerySchema = z.strictObject({ ...range, ...page });
export const adminEntriesQuerySchema = z.strictObject({ ...range, ...admin, ...page });

const tokens = { inputTokens: count, cachedInputTokens: count, outputTokens: count, reasoningTokens: count };
const credential = z.strictObject({ type: z.enum(['token', 'api_key']), id: z.string() });
const tokensExample = { inputTokens: 9, cachedInputTokens: 0, outputTokens: 12, reasoningTokens: 0 };

const usageSumSchema = z
  .strictObject({
    model: z.string().optional(),
    day: z.string().optional().describe('UTC'),
    hour: z.string().optional().describe('The beginning of the hour, RFC 3339 in UTC'),
    credential: credential.optional(),
    user: z.string().optional().describe('The subject'),
    tier: z.string().optional(),
    requests: count.describe('Admitted requests that began within the time'),
    ...tokens,
    costMicros: count,
    refused: z
      .strictObject({ requests: count, tokens: count, cost: count, concurrency: count, access: count })
      .describe('By reason; summed by whole hours, and by no credential'),
  })
  .meta({
    example: {
      model: 'qwen3',
      day: '2026-11-23',
      requests: 1,
      ...tokensExample,
      costMicros: 9,
      refused: { requests: 2, tokens: 0, cost: 0, concurrency: 0, access: 0 },
    },
  });
export type UsageSum = z.output<typeof usageSumSchema>;
export const usageSumsSchema = listOf(usageSumSchema).extend({
  next: z.string().optional().describe('To be given as `after` for the next page; absent where there is none'),
});
export type SumsOnTheWire = z.output<typeof usageSumsSchema>;

export const ledgerEntrySchema = z
  .strictObject({
    id: z.uuid(),
    requestId: z.string(),
    startedAt: z.string(),
    firstByteAt: z.string().nullable(),
    endedAt: z.string(),
    subject: z.string(),
    tier: z.string(),
    credential,
    model: z.string(),
    upstream: z.string().nullable().describe('The id of the upstream that was asked last'),
    upstreamModel: z.string().nullable().describe("That upstream's own name for the model"),
    attempts: z.int().min(0).nullable().describe('Number of upstreams that were asked; null where it is unknown'),
    endpoint: z.string(),
    streamed: z.boolean(),
    outcome: z.enum(['completed', 'client_aborted', 'upstream_failed', 'timed_out', 'interrupted']),
    status: z.int(),
    ...tokens,
    usageSource: z.enum(['reported', 'counted', 'estimated', 'none']),
    costMicros: count.describe("Millionths of the currency of the model's prices"),
    bytesIn: count,
    bytesOut: count,
  })
  .meta({
    example: {
      id: '019abf6e-3c1b-7a52-9c7e-5b0d5a3f1c22',
      requestId: '019abf6e-3c1b-7a52-9c7e-5b0d5a3f1c22',
      startedAt: '2026-11-23T11:00:00.000Z',
      firstByteAt: '2026-11-23T11:00:00.040Z',
      endedAt: '2026-11-23T11:00:00.310Z',
      subject: 'premium-user',
      tier: 'premium',
      credential: { type: 'token', id: '8d4f9a35-5c1e-4bb0-9a51-2f1c7f6f2f10' },
      model: 'qwen3',
      upstream: '019abf6e-0000-7000-8000-000000000001',
      upstreamModel: 'Qwen/Qwen3-8B',
      attempts: 1,
      endpoint: 'chat/completions',
      streamed: true,
      outcome: 'completed',
      status: 200,
      ...tokensExample,
      usageSource: 'reported',
      costMicros: 9,
      bytesIn: 120,
      bytesOut: 480,
    },
  });
export type EntryOnTheWire = z.output<typeof ledgerEntrySchema>;
