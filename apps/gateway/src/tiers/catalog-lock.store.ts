import type { Prisma } from '../platform/database/index.js';

/**
 * Lets one transaction at a time change tiers and models, on all replicas: what it checks (is the name free, does a
 * model need the tier) then still holds when it writes. Released at the transaction's end.
 */
export async function lockCatalog(transaction: Prisma.TransactionClient): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('maas.catalog'))`;
}
