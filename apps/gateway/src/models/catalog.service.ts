import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../platform/config/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { SecretBox } from '../platform/secrets/index.js';
import { type Tier, Tiers } from '../tiers/index.js';
import type { CatalogModel, CatalogUpstream } from './catalog-model.js';
import { catalogUpstreamOf } from './catalog-upstream.js';
import { MODEL_TOPIC, ModelStore } from './model.store.js';
import type { StoredModel, StoredUpstream } from './stored-model.js';
import { UpstreamAddresses } from './upstream-addresses.service.js';
import { openCredential } from './upstream-credential.js';

/** Injects the base URL of the bundled simulator, or `null` where none runs. */
export const SIMULATOR_URL = Symbol('SIMULATOR_URL');

/** An upstream URL that means the bundled simulator, wherever it listens. */
export const SIMULATOR_SCHEME = 'simulator:';

/** All models, read from memory on the data plane and kept fresh by the change feed. */
@Injectable()
export class Catalog implements OnModuleInit {
  private readonly logger = new Logger(Catalog.name);
  private readonly models = new Map<string, CatalogModel>();
  private readonly byName = new Map<string, CatalogModel>();

  constructor(
    private readonly store: ModelStore,
    private readonly changes: ChangeFeed,
    private readonly tiers: Tiers,
    private readonly secrets: SecretBox,
    private readonly addresses: UpstreamAddresses,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(SIMULATOR_URL) private readonly simulatorUrl: string | null,
  ) {}

  async onModuleInit(): Promise<void> {
    const reload = async (): Promise<void> => this.take(await this.store.all());
    this.changes.subscribe(MODEL_TOPIC, { onChange: reload, onReset: reload });
    await this.store.seed();
    await this.store.sealCredentials();
    await reload();
  }

  get(idOrAlias: string): CatalogModel | undefined {
    return this.byName.get(idOrAlias);
  }

  all(): IterableIterator<CatalogModel> {
    return this.models.values();
  }

  /** What members of the tier may use, what lower tiers may use first. */
  visibleTo(tier: Tier): CatalogModel[] {
    return [...this.models.values()]
      .filter(model => model.tierLevel <= tier.level)
      .sort(
        (a, b) => a.tierLevel - b.tierLevel || a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1),
      );
  }

  private take(stored: StoredModel[]): void {
    this.models.clear();
    this.byName.clear();
    for (const one of stored) {
      const model = this.toCatalogModel(one);
      this.models.set(model.id, model);
      for (const name of [model.id, ...model.aliases]) this.byName.set(name, model);
    }
  }

  private toCatalogModel({ upstreams, ...fields }: StoredModel): CatalogModel {
    const { tiers } = this;
    const usable = (some: StoredUpstream[]): CatalogUpstream[] =>
      some.flatMap(upstream => this.toCatalogUpstream(fields.id, upstream) ?? []);
    return {
      ...fields,
      // Asked for at each use, so that a change of the tier's level holds at once.
      get tierLevel() {
        return tiers.get(fields.tierName)?.level ?? Number.POSITIVE_INFINITY;
      },
      upstreams: usable(upstreams.filter(({ draining }) => !draining)),
      drained: usable(upstreams.filter(({ draining }) => draining)),
    };
  }

  /** @returns `undefined` where the upstream cannot be used now */
  private toCatalogUpstream(modelId: string, stored: StoredUpstream): CatalogUpstream | undefined {
    const url = stored.url === SIMULATOR_SCHEME ? this.bundledUrl : stored.url;
    if (url === undefined) return undefined;
    const apiKey = openCredential(this.secrets, stored, 'sealedApiKey');
    const tlsKey = openCredential(this.secrets, stored, 'sealedTlsKey');
    if (apiKey === undefined || tlsKey === undefined) return this.leaveOut(modelId, stored, 'a credential is not its');
    // Names are held against this when they are resolved; an address is never resolved.
    if (!this.addresses.permits(new URL(url))) return this.leaveOut(modelId, stored, 'its address is not allowed');
    return catalogUpstreamOf(modelId, { ...stored, url, apiKey, tlsKey }, this.environment);
  }

  private leaveOut(modelId: string, { id }: StoredUpstream, why: string): undefined {
    this.logger.error(`upstream ${id} of '${modelId}' is left out: ${why}`);
  }

  private get bundledUrl(): string | undefined {
    return this.simulatorUrl === null ? undefined : `${this.simulatorUrl.replace(/\/+$/, '')}/v1`;
  }
}
