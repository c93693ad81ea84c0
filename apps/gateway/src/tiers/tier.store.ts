import { Injectable } from '@nestjs/common';
import { PRINCIPAL_TOPIC } from '../auth/index.js';
import { DatabaseService, type Prisma } from '../platform/database/index.js';
import { alreadyExists, conflict, invalidRequest, notFound } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { lockCatalog } from './catalog-lock.store.js';
import { type TierLimit, UNITS } from './quota/index.js';
import { byLevel, type Tier } from './tier.js';
import { seedTiers } from './tiers.seed.js';

/** The topic under which a change of a tier is told; the key is its name. */
export const TIER_TOPIC = 'tier';

const include = { groups: { orderBy: { group: 'asc' } }, limits: { orderBy: { id: 'asc' } } } as const;
type Row = Prisma.TierGetPayload<{ include: typeof include }>;

const unitOf = (text: string): TierLimit['unit'] => {
  const unit = UNITS.find(known => known === text);
  if (unit === undefined) throw new Error(`The limits table holds an unknown unit: ${text}`);
  return unit;
};

const toTier = ({ name, displayName, description, level, strict, groups, limits }: Row): Tier => ({
  name,
  displayName,
  description,
  level,
  strict,
  groups: groups.map(({ group }) => group),
  limits: limits.map(({ unit, limit, windowMs, modelId }) => ({
    unit: unitOf(unit),
    limit: Number(limit),
    windowMs: windowMs === null ? null : Number(windowMs),
    modelId,
  })),
});

const limitRows = (limits: TierLimit[]) =>
  limits.map(({ unit, limit, windowMs, modelId }) => ({
    unit,
    limit: BigInt(limit),
    windowMs: windowMs === null ? null : BigInt(windowMs),
    modelId,
  }));

const groupRows = (groups: string[]) => groups.map(group => ({ group }));

/** Tiers, their groups and the limits table. Writes are told to the change feed. */
@Injectable()
export class TierStore {
  constructor(
    private readonly database: DatabaseService,
    private readonly changes: ChangeFeed,
  ) {}

  /** Makes the guide's tiers where there are none. */
  seed(): Promise<void> {
    return seedTiers(this.database);
  }

  /** All of them, the lowest level first, by name among those of one level. */
  async all(): Promise<Tier[]> {
    return (await this.database.tier.findMany({ include })).map(toTier).sort(byLevel);
  }

  async find(name: string): Promise<Tier | undefined> {
    const row = await this.database.tier.findUnique({ where: { name }, include });
    return row === null ? undefined : toTier(row);
  }

  /** @throws ApiError 409 where name or a group is taken, 400 where a limit names no model */
  add({ groups, limits, ...fields }: Tier): Promise<Tier> {
    return this.write(fields.name, async transaction => {
      if ((await transaction.tier.count({ where: { name: fields.name } })) > 0) {
        throw alreadyExists(`The tier '${fields.name}' exists already`, 'name');
      }
      await checkFree(transaction, fields.name, { ...fields, groups, limits });
      return toTier(
        await transaction.tier.create({
          data: { ...fields, groups: { create: groupRows(groups) }, limits: { create: limitRows(limits) } },
          include,
        }),
      );
    });
  }

  /** Replaces the fields that are given. @throws ApiError 404, or as `add` does */
  change(name: string, changed: Partial<Omit<Tier, 'name'>>): Promise<Tier> {
    const { groups, limits, ...fields } = changed;
    return this.write(name, async transaction => {
      await mustExist(transaction, name);
      await checkFree(transaction, name, changed);
      return toTier(
        await transaction.tier.update({
          where: { name },
          data: {
            ...fields,
            ...(groups && { groups: { deleteMany: {}, create: groupRows(groups) } }),
            ...(limits && { limits: { deleteMany: {}, create: limitRows(limits) } }),
          },
          include,
        }),
      );
    });
  }

  /** @throws ApiError 404, or 409 while a model needs the tier */
  remove(name: string): Promise<void> {
    return this.write(name, async transaction => {
      await mustExist(transaction, name);
      const model = await transaction.model.findFirst({ where: { tierName: name }, select: { id: true } });
      if (model !== null) throw conflict(`The tier '${name}' is still needed by the model '${model.id}'`);
      const overridden = await transaction.principal.findMany({
        where: { tierOverride: name },
        select: { subject: true },
      });
      await transaction.tier.delete({ where: { name } });
      // The overrides went with it; a new tier of the same name must not find them in some replica's memory.
      for (const { subject } of overridden) await this.changes.record(transaction, PRINCIPAL_TOPIC, subject);
    });
  }

  private write<T>(name: string, work: (transaction: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    return this.database.$transaction(async transaction => {
      await lockCatalog(transaction);
      const result = await work(transaction);
      await this.changes.record(transaction, TIER_TOPIC, name);
      return result;
    });
  }
}

async function mustExist(transaction: Prisma.TransactionClient, name: string): Promise<void> {
  if ((await transaction.tier.count({ where: { name } })) === 0) throw notFound(`There is no tier '${name}'`);
}

/** Whether groups and models may be the tier's. */
async function checkFree(
  transaction: Prisma.TransactionClient,
  name: string,
  { groups = [], limits = [] }: Partial<Tier>,
): Promise<void> {
  const others = { not: name };
  const taken = await transaction.tierGroup.findFirst({ where: { group: { in: groups }, tierName: others } });
  if (taken !== null)
    throw alreadyExists(`The group '${taken.group}' leads to the tier '${taken.tierName}' already`, 'groups');
  const named = limits.flatMap(({ modelId }) => modelId ?? []);
  const known = new Set(
    (await transaction.model.findMany({ where: { id: { in: named } }, select: { id: true } })).map(({ id }) => id),
  );
  for (const [index, { modelId }] of limits.entries()) {
    if (modelId !== null && !known.has(modelId))
      throw invalidRequest(`There is no model '${modelId}'`, `limits.${index}.model`);
  }
}
