import type { ModelPrices } from './catalog-model.js';

export interface StoredUpstream {
  id: string;
  url: string;
  /** `null`: the model's own id. */
  model: string | null;
  weight: number;
  priority: number;
  /** Bound to the upstream's id; see `upstream-credential.ts`. */
  sealedApiKey: string | null;
  headers: Record<string, string>;
  features: string[];
}

export interface StoredModel {
  id: string;
  name: string;
  description: string;
  tierName: string;
  ownedBy: string;
  aliases: string[];
  capabilities: string[];
  contextWindow: number | null;
  defaultMaxTokens: number;
  prices: ModelPrices | null;
  createdAt: Date;
  upstreams: StoredUpstream[];
}

/** What may be left out has a default in the table. */
export type NewUpstream = Pick<StoredUpstream, 'url'> &
  Partial<Omit<StoredUpstream, 'id' | 'sealedApiKey'>> & { apiKey?: string | null };
export type ModelChange = Partial<Omit<StoredModel, 'id' | 'createdAt' | 'upstreams'>> & { upstreams?: NewUpstream[] };
export type NewModel = ModelChange & Pick<StoredModel, 'id' | 'name' | 'tierName'> & { upstreams: NewUpstream[] };
