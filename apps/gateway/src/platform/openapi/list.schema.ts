import { z } from 'zod';

/** The envelope of every list. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ object: z.literal('list'), data: z.array(item), has_more: z.boolean() });
