import { z } from 'zod';
import { formatDuration, parseDuration } from '../platform/config/index.js';
import { type TierLimit, UNITS } from './quota/index.js';
import type { Tier } from './tier.js';

const MIN_WINDOW_MS = 1000;
const MAX_WINDOW_MS = 31 * 86_400_000;
const MAX_LEVEL = 2_147_483_647;

const isWindow = (text: string): boolean => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= MIN_WINDOW_MS && ms <= MAX_WINDOW_MS;
};

const limitSchema = z
  .strictObject({
    unit: z.enum(UNITS),
    limit: z.int().positive().describe('Micro-units of the currency where the unit is `cost`'),
    window: z
      .string()
      .refine(isWindow, 'must be a Go duration from 1s to 31d, such as 2m')
      .optional()
      .describe('A Go duration from 1s to 31d; absent for `concurrency` alone'),
    model: z.string().min(1).optional().describe('Counts requests of this model only'),
  })
  .superRefine(({ unit, window }, context) => {
    if (unit === 'concurrency' && window !== undefined)
      context.addIssue({ code: 'custom', path: ['window'], message: 'concurrency has no window' });
    if (unit !== 'concurrency' && window === undefined)
      context.addIssue({ code: 'custom', path: ['window'], message: 'is required, such as 2m' });
  });

const example = {
  name: 'gold',
  displayName: 'Gold',
  description: 'For the gold customers',
  level: 40,
  strict: false,
  groups: ['gold-users'],
  limits: [
    { unit: 'requests', limit: 5, window: '2m0s' },
    { unit: 'concurrency', limit: 10 },
  ],
};

const fields = {
  displayName: z.string().min(1).max(255),
  description: z.string().max(2000),
  level: z
    .int()
    .min(0)
    .max(MAX_LEVEL)
    .describe(
      'The higher level wins, and may use what lower ones may; among tiers of one level the first by name wins',
    ),
  strict: z.boolean().describe('Never overshoots a token limit'),
  groups: z
    .array(z.string().min(1).max(255))
    .max(1000)
    .refine(groups => new Set(groups).size === groups.length, 'names a group twice'),
  limits: z.array(limitSchema).max(100).describe('No limit of a unit: unlimited'),
};
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be lower-case letters, digits, dots, dashes and underscores');

export const tierSchema = z.strictObject({ name, ...fields }).meta({ example });
export type TierOnTheWire = z.output<typeof tierSchema>;

export const newTierSchema = z
  .strictObject({
    name,
    level: fields.level,
    displayName: fields.displayName.optional(),
    description: fields.description.optional(),
    strict: fields.strict.optional(),
    groups: fields.groups.optional(),
    limits: fields.limits.optional(),
  })
  .meta({ example });
export const tierChangeSchema = z
  .strictObject(fields)
  .partial()
  .meta({ example: { limits: [{ unit: 'requests', limit: 9, window: '2m' }] } });

export const lookupSchema = z
  .strictObject({ groups: z.array(z.string().max(255)).max(1000) })
  .meta({ example: { groups: ['premium-group'] } });
export const lookedUpSchema = z
  .strictObject({ tier: z.string(), displayName: z.string() })
  .meta({ example: { tier: 'premium', displayName: 'Premium' } });

const userExample = {
  subject: 'free-user',
  username: 'free-user',
  groups: ['system:authenticated'],
  tier: 'gold',
  tierOverride: 'gold',
  blocked: false,
};
export const userSchema = z
  .strictObject({
    subject: z.string(),
    username: z.string(),
    groups: z.array(z.string()),
    tier: z.string().nullable().describe('What groups and override lead to, now'),
    tierOverride: z.string().nullable(),
    blocked: z.boolean(),
  })
  .meta({ example: userExample });
export const userChangeSchema = z
  .strictObject({
    tier: z.string().nullable().optional().describe('The override; null lifts it'),
    blocked: z.boolean().optional(),
  })
  .meta({ example: { tier: 'gold' } });

/** A limit as it is told: the window as a Go duration. */
export const limitOnTheWire = ({ unit, limit, windowMs, modelId }: TierLimit): z.output<typeof limitSchema> => ({
  unit,
  limit,
  ...(windowMs === null ? {} : { window: formatDuration(windowMs) }),
  ...(modelId === null ? {} : { model: modelId }),
});

export const limitFromTheWire = ({ unit, limit, window, model }: z.output<typeof limitSchema>): TierLimit => ({
  unit,
  limit,
  windowMs: window === undefined ? null : Math.round(parseDuration(window) ?? Number.NaN),
  modelId: model ?? null,
});

export const tierOnTheWire = ({ limits, ...tier }: Tier): TierOnTheWire => ({
  ...tier,
  limits: limits.map(limitOnTheWire),
});
