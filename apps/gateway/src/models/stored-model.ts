import type { ModelPrices } from './catalog-model.js';

/** What is kept sealed, bound to the upstream's id and the column; see `upstream-credential.ts`. */
export interface SealedCredentials {
  sealedApiKey: string | null;
  sealedTlsKey: string | null;
}

export interface StoredUpstream extends SealedCredentials {
  id: string;
  url: string;
  /** `null`: the model's own id. */
  model: string | null;
  weight: number;
  priority: number;
  draining: boolean;
  apiKeyHeader: string;
  headers: Record<string, string>;
  features: string[];
  endpoints: string[];
  healthPath: string | null;
  /** Milliseconds; `null`: the gateway's own. */
  connectTimeoutMs: number | null;
  firstByteTimeoutMs: number | null;
  idleTimeoutMs: number | null;
  /** PEM. */
  tlsCa: string | null;
  tlsCertificate: string | null;
  tlsServerName: string | null;
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

/** Credentials as they are given, to be sealed by the store; `null` takes one away. */
interface GivenCredentials {
  apiKey?: string | null;
  tlsKey?: string | null;
}
/** What is left out stays as it is. */
export type UpstreamChange = Partial<Omit<StoredUpstream, 'id' | keyof SealedCredentials>> & GivenCredentials;
/** What may be left out has a default in the table. */
export type NewUpstream = UpstreamChange & Pick<StoredUpstream, 'url'>;
export type ModelChange = Partial<Omit<StoredModel, 'id' | 'createdAt' | 'upstreams'>> & { upstreams?: NewUpstream[] };
export type NewModel = ModelChange & Pick<StoredModel, 'id' | 'name' | 'tierName'> & { upstreams: NewUpstream[] };
