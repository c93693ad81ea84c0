import { z } from 'zod';
import { UNITS } from '../tiers/index.js';

const amount = z.number().min(0);

export const meSchema = z
  .strictObject({
    subject: z.string(),
    username: z.string(),
    groups: z.array(z.string()),
    tier: z.strictObject({
      name: z.string(),
      displayName: z.string(),
      level: z.int(),
      because: z.union([z.strictObject({ group: z.string() }), z.strictObject({ override: z.literal(true) })]),
    }),
    limits: z.array(
      z.strictObject({
        unit: z.enum(UNITS),
        limit: z.int(),
        window: z.string().optional().describe('A Go duration; absent for concurrency'),
        model: z.string().optional(),
        used: amount,
        reserved: amount,
        remaining: amount,
        resetsAt: z.string().describe('When all of it is free again, RFC 3339'),
      }),
    ),
    models: z.array(z.string()),
    credential: z.strictObject({
      type: z.enum(['identity', 'token', 'api_key']),
      id: z.string().nullable(),
      expiresAt: z.string().nullable(),
    }),
  })
  .meta({
    example: {
      subject: 'premium-user',
      username: 'premium-user',
      groups: ['premium-group'],
      tier: { name: 'premium', displayName: 'Premium', level: 20, because: { group: 'premium-group' } },
      limits: [
        {
          unit: 'requests',
          limit: 20,
          window: '2m0s',
          used: 3,
          reserved: 0,
          remaining: 17,
          resetsAt: '2026-11-23T11:02:00.000Z',
        },
      ],
      models: ['simulator', 'qwen3'],
      credential: { type: 'token', id: '8d4f9a35-5c1e-4bb0-9a51-2f1c7f6f2f10', expiresAt: '2026-11-23T15:00:00.000Z' },
    },
  });
