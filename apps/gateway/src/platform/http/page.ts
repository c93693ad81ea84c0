import { z } from 'zod';

/** Query of every list: at most `limit` items, those that follow the item `after`. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Items per page, 1 to 100'),
  after: z.string().min(1).max(255).optional().describe('The id of the last item of the page before'),
});

export interface Page<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
}

/** Makes a page of what a query for `limit + 1` items found; the item too many tells that there is more. */
export function pageOf<T>(found: T[], limit: number): Page<T> {
  return { object: 'list', data: found.slice(0, limit), has_more: found.length > limit };
}
