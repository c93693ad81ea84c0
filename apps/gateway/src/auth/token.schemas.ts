import { z } from 'zod';
import { pageQuerySchema } from '../platform/http/index.js';
import { listOf } from '../platform/openapi/index.js';
import { isStorable } from './storable-text.js';

const jti = z.uuid().describe('The id of the token; not a secret');
const EXAMPLE_JTI = '01990a5d-ac96-774b-bcce-b302099a8057';

/** An empty body and null ask for nothing in particular. */
export const mintSchema = z
  .strictObject({
    // Taken as it comes, so that every wrong kind is refused as what it is: `invalid_expiration`.
    expiration: z
      .unknown()
      .optional()
      .meta({
        anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }],
        description: 'A Go duration (15m, 1h30m45s, 1d) or a number of seconds; nothing means the default',
      }),
    name: z
      .string()
      .min(1)
      .max(128)
      .refine(isStorable, 'must not contain NUL')
      .nullish()
      .describe('What the token is for, to tell it from others'),
  })
  .nullish()
  .meta({ example: { expiration: '15m', name: 'laptop' } });

export const mintedSchema = z
  .strictObject({
    token: z.string().describe('The access token, shown this once'),
    expiration: z.string().describe('The lifetime as a Go duration'),
    expiresAt: z.int().describe('Unix seconds'),
    issuedAt: z.int().describe('Unix seconds'),
    jti,
    name: z.string().optional(),
  })
  .meta({
    example: {
      token: 'eyJ…',
      expiration: '15m0s',
      expiresAt: 1_760_000_900,
      issuedAt: 1_760_000_000,
      jti: EXAMPLE_JTI,
      name: 'laptop',
    },
  });

const issuedSchema = z.strictObject({
  jti,
  name: z.string().nullable(),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable().describe('Some seconds late'),
});

const EXAMPLE_ISSUED: z.output<typeof issuedSchema> = {
  jti: EXAMPLE_JTI,
  name: 'laptop',
  issuedAt: '2026-01-01T09:00:00.000Z',
  expiresAt: '2026-01-01T09:15:00.000Z',
  lastUsedAt: null,
};

/** As of every list, but that only an id of ours is a cursor. */
export const issuedQuerySchema = pageQuerySchema.extend({
  after: z.uuid().optional().describe('The jti of the last item of the page before'),
});

export const issuedListSchema = listOf(issuedSchema).meta({
  example: { object: 'list', data: [EXAMPLE_ISSUED], has_more: false },
});
