import { Injectable } from '@nestjs/common';
import { DatabaseService, type Prisma } from '../platform/database/index.js';
import { conflict, notFound } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { uuidV7 } from '../platform/identifiers/index.js';
import { SecretBox } from '../platform/secrets/index.js';
import { lockCatalog, TIER_TOPIC } from '../tiers/index.js';
import { checkFree, mustExist } from './model-checks.store.js';
import { seedModels } from './models.seed.js';
import { include, priceColumns, toModel, toUpstream, upstreamColumns } from './model-rows.store.js';
import type {
  ModelChange,
  NewModel,
  NewUpstream,
  StoredModel,
  StoredUpstream,
  UpstreamChange,
} from './stored-model.js';
import { sealCredentials } from './upstream-credentials.store.js';

/** The topic under which a change of a model or its upstreams is told; the key is the model's id. */
export const MODEL_TOPIC = 'model';

/** Models and their upstreams. Writes are told to the change feed. */
@Injectable()
export class ModelStore {
  constructor(
    private readonly database: DatabaseService,
    private readonly changes: ChangeFeed,
    private readonly secrets: SecretBox,
  ) {}

  /** Seals credentials that are in clear or under an older key. @throws StartupError where the key is not here */
  sealCredentials(): Promise<void> {
    return sealCredentials(this.database, this.secrets);
  }

  /** Makes the guide's models where there are none. */
  seed(): Promise<void> {
    return seedModels(this.database);
  }

  async all(): Promise<StoredModel[]> {
    return (await this.database.model.findMany({ include, orderBy: { id: 'asc' } })).map(toModel);
  }

  /** One page in the order of ids; one more than `limit`. */
  async list(limit: number, after?: string): Promise<StoredModel[]> {
    const where = after === undefined ? {} : { id: { gt: after } };
    return (await this.database.model.findMany({ include, where, orderBy: { id: 'asc' }, take: limit + 1 })).map(
      toModel,
    );
  }

  async find(id: string): Promise<StoredModel | undefined> {
    const row = await this.database.model.findUnique({ where: { id }, include });
    return row === null ? undefined : toModel(row);
  }

  /** @throws ApiError 409 where id or an alias is taken, 400 where there is no such tier */
  add({ prices, upstreams, ...fields }: NewModel): Promise<StoredModel> {
    return this.write(fields.id, async transaction => {
      await checkFree(transaction, fields.id, fields, true);
      const data = {
        ...fields,
        ...priceColumns(prices),
        upstreams: { create: upstreams.map(one => this.newRow(one)) },
      };
      return toModel(await transaction.model.create({ data, include }));
    });
  }

  /** Replaces the fields that are given. @throws ApiError 404, or as `add` does */
  change(id: string, { prices, upstreams, ...fields }: ModelChange): Promise<StoredModel> {
    return this.write(id, async transaction => {
      await mustExist(transaction, id);
      await checkFree(transaction, id, fields, false);
      const data = {
        ...fields,
        ...priceColumns(prices),
        ...(upstreams && { upstreams: { deleteMany: {}, create: upstreams.map(one => this.newRow(one)) } }),
      };
      return toModel(await transaction.model.update({ where: { id }, data, include }));
    });
  }

  /** @throws ApiError 404 */
  remove(id: string): Promise<void> {
    return this.write(id, async transaction => {
      await mustExist(transaction, id);
      const limited = await transaction.tierLimit.findMany({
        where: { modelId: id },
        select: { tierName: true },
        distinct: ['tierName'],
      });
      await transaction.model.delete({ where: { id } });
      // The limits that counted this model alone went with it.
      for (const { tierName } of limited) await this.changes.record(transaction, TIER_TOPIC, tierName);
    });
  }

  /** @throws ApiError 404 */
  addUpstream(modelId: string, upstream: NewUpstream): Promise<StoredUpstream> {
    return this.write(modelId, async transaction => {
      await mustExist(transaction, modelId);
      return toUpstream(await transaction.upstream.create({ data: { ...this.newRow(upstream), modelId } }));
    });
  }

  /** Replaces the fields that are given. @throws ApiError 404 */
  changeUpstream(modelId: string, id: string, change: UpstreamChange): Promise<StoredUpstream> {
    return this.write(modelId, async transaction => {
      if ((await transaction.upstream.count({ where: { id, modelId } })) === 0)
        throw notFound(`The model '${modelId}' has no upstream '${id}'`);
      return toUpstream(
        await transaction.upstream.update({ where: { id }, data: upstreamColumns(this.secrets, id, change) }),
      );
    });
  }

  /** @throws ApiError 404, or 409 where it is the model's last */
  removeUpstream(modelId: string, id: string): Promise<void> {
    return this.write(modelId, async transaction => {
      const upstreams = await transaction.upstream.findMany({ where: { modelId }, select: { id: true } });
      if (!upstreams.some(upstream => upstream.id === id))
        throw notFound(`The model '${modelId}' has no upstream '${id}'`);
      if (upstreams.length === 1) throw conflict(`It is the last upstream of the model '${modelId}'`);
      await transaction.upstream.delete({ where: { id } });
    });
  }

  /** Ids are made here, because a credential is bound to its upstream's. */
  private newRow({ url, ...upstream }: NewUpstream) {
    const id = uuidV7();
    return { id, url, ...upstreamColumns(this.secrets, id, upstream) };
  }

  private write<T>(id: string, work: (transaction: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    return this.database.$transaction(async transaction => {
      await lockCatalog(transaction);
      const result = await work(transaction);
      await this.changes.record(transaction, MODEL_TOPIC, id);
      return result;
    });
  }
}
