import type { Prisma } from '../platform/database/index.js';
import { alreadyExists, invalidRequest, modelNotFound } from '../platform/errors/index.js';

/** @throws ApiError 404 */
export async function mustExist(transaction: Prisma.TransactionClient, id: string): Promise<void> {
  if ((await transaction.model.count({ where: { id } })) === 0) throw modelNotFound(id);
}

/**
 * Whether the names and the tier may be the model's: a name leads to one model only, be it an id or an alias.
 * @throws ApiError 409 where a name is taken, 400 where there is no such tier
 */
export async function checkFree(
  transaction: Prisma.TransactionClient,
  id: string,
  { tierName, aliases = [] }: { tierName?: string; aliases?: string[] },
  isNew: boolean,
): Promise<void> {
  const names = isNew ? [id, ...aliases] : aliases;
  const taken = await transaction.model.findFirst({
    where: { OR: [{ id: { in: names } }, { aliases: { hasSome: names } }], ...(isNew ? {} : { id: { not: id } }) },
    select: { id: true },
  });
  if (taken?.id === id) throw alreadyExists(`The model '${id}' exists already`, 'id');
  if (taken !== null)
    throw alreadyExists(`The model '${taken.id}' goes by one of these names already`, isNew ? 'id' : 'aliases');
  if (tierName !== undefined && (await transaction.tier.count({ where: { name: tierName } })) === 0) {
    throw invalidRequest(`There is no tier '${tierName}'`, 'tier');
  }
}
