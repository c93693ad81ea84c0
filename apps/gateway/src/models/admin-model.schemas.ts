import { z } from 'zod';
import { ENDPOINTS } from './endpoint.js';
import type { ModelChange, StoredModel } from './stored-model.js';
import { newUpstreamSchema, newUpstreamFromTheWire, upstreamOnTheWire, upstreamSchema } from './upstream.schemas.js';

/** First segments of the gateway's own paths: a model of such a name could not be reached, or would hide them. */
const RESERVED = new Set(['maas-api', 'v1', 'docs', 'openapi.json', 'dashboard', 'health', '.well-known', 'metrics']);
const CAPABILITIES = new Set(ENDPOINTS.map(({ capability }) => capability));
const MAX_INT = 2_147_483_647;

const price = z.number().min(0).max(1_000_000_000);
const pricesSchema = z.strictObject({
  inputPerMillion: price,
  cachedInputPerMillion: price,
  outputPerMillion: price,
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a code such as USD'),
});
const newPricesSchema = z.strictObject({
  ...pricesSchema.shape,
  cachedInputPerMillion: price.optional().describe('As other input where absent'),
  currency: pricesSchema.shape.currency.optional().describe('USD where absent'),
});

const isFree = (name: string): boolean => !RESERVED.has(name);
const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be a slug: lower-case letters, digits, dots, dashes and underscores')
  .refine(isFree, 'is reserved');
const fields = {
  name: z.string().min(1).max(255),
  description: z.string().max(4000),
  tier: z.string().min(1).describe('The lowest whose members may use it'),
  ownedBy: z.string().min(1).max(255),
  aliases: z
    .array(
      z
        .string()
        .regex(/^[\x21-\x7e]{1,255}$/, 'must be visible ASCII')
        .refine(isFree, 'is reserved'),
    )
    .max(100)
    .refine(aliases => new Set(aliases).size === aliases.length, 'names an alias twice'),
  capabilities: z
    .array(z.string().min(1).max(64))
    .max(32)
    .describe(
      `It has the endpoints that these name: ${[...CAPABILITIES].join(', ')}; others are passed on as they are`,
    ),
  contextWindow: z.int().positive().max(MAX_INT).nullable().describe('Tokens'),
  defaultMaxTokens: z.int().positive().max(MAX_INT).describe('Tokens; what is reserved where a request names no cap'),
};

const fieldsExample = {
  name: 'Qwen3 Model',
  description: 'A model',
  tier: 'premium',
  ownedBy: 'platform',
  aliases: [],
  capabilities: ['chat', 'completions'],
  contextWindow: 32_768,
  defaultMaxTokens: 512,
  prices: { inputPerMillion: 0.2, cachedInputPerMillion: 0.1, outputPerMillion: 0.6, currency: 'USD' },
};

export const adminModelSchema = z
  .strictObject({ id, ...fields, prices: pricesSchema.nullable(), upstreams: z.array(upstreamSchema) })
  .meta({ example: { id: 'qwen3', ...fieldsExample, upstreams: [upstreamSchema.meta()?.['example']] } });
export type AdminModel = z.output<typeof adminModelSchema>;

const upstreams = z.array(newUpstreamSchema).min(1).max(100);
export const modelChangeSchema = z
  .strictObject({
    ...fields,
    prices: newPricesSchema.nullable(),
    upstreams: upstreams.describe('Replaces all upstreams, their keys included'),
  })
  .partial()
  .meta({ example: { tier: 'free' } });
export const newModelSchema = z
  .strictObject({ id, ...modelChangeSchema.shape, tier: fields.tier, upstreams })
  .meta({ example: { id: 'qwen3', ...fieldsExample, upstreams: [newUpstreamSchema.meta()?.['example']] } });

/** The given fields as the store takes them. */
export function modelFromTheWire({
  tier,
  prices,
  upstreams: given,
  ...rest
}: z.output<typeof modelChangeSchema>): ModelChange {
  return {
    ...rest,
    ...(tier !== undefined && { tierName: tier }),
    ...(prices !== undefined && {
      prices: prices && { cachedInputPerMillion: prices.inputPerMillion, currency: 'USD', ...prices },
    }),
    ...(given !== undefined && { upstreams: given.map(newUpstreamFromTheWire) }),
  };
}

export const modelOnTheWire = ({
  tierName,
  createdAt: _createdAt,
  upstreams: stored,
  ...fieldsOfModel
}: StoredModel): AdminModel => ({
  ...fieldsOfModel,
  tier: tierName,
  upstreams: stored.map(upstream => upstreamOnTheWire(fieldsOfModel.id, upstream)),
});
