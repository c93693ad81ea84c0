import { z } from 'zod';
import { invalidRequest } from '../errors/index.js';

const limit = z.coerce.number().int().min(1).max(100);
const after = z.string().min(1).max(255).optional().describe('The id of the last item of the page before');

/** Query of every list: at most `limit` items, those that follow the item `after`. */
export const pageQuerySchema = z.strictObject({
  limit: limit.default(20).describe('Items per page, 1 to 100'),
  after,
});

/** Query of a list that is told whole where no page of it is asked for. */
export const wholeListQuerySchema = z.strictObject({
  limit: limit.optional().describe('Items per page, 1 to 100; all of them where absent'),
  after,
});

/** The same of clients that were made for another server, and may send what that one knows. */
export const lenientListQuerySchema = z.object(wholeListQuerySchema.shape);

export interface Page<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
}

/** Makes a page of what a query for `limit + 1` items found; the item too many tells that there is more. */
export function pageOf<T>(found: T[], limit: number): Page<T> {
  return { object: 'list', data: found.slice(0, limit), has_more: found.length > limit };
}

/**
 * Makes a page of a list that is at hand, or one of all of it where no limit is given.
 * @throws ApiError 400 where the list has no item `after`: to begin anew would let a reader go round for ever
 */
export function pageAmong<T>(
  all: readonly T[],
  idOf: (item: T) => string,
  query: { limit?: number | undefined; after?: string | undefined },
): Page<T> {
  const place = query.after === undefined ? -1 : all.findIndex(item => idOf(item) === query.after);
  if (query.after !== undefined && place === -1) throw invalidRequest('after: is no item of this list', 'after');
  return pageOf(all.slice(place + 1), query.limit ?? all.length);
}
