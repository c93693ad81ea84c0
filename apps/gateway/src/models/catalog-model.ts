/** How connections to an upstream are made that are not as all others. */
export interface UpstreamConnection {
  /** Differs where anything else here does. */
  key: string;
  connectTimeoutMs: number;
  /** PEM; absent: the system's authorities, and no certificate of our own. */
  ca?: string;
  cert?: string;
  certKey?: string;
  servername?: string;
}

/** A server that answers for a model. */
export interface CatalogUpstream {
  id: string;
  /** Scheme, host and port. */
  origin: string;
  /** What stands before the endpoint, without a slash at its end; empty or `/v1`, say. */
  basePath: string;
  /** What stands after the endpoint; empty or `?api-version=…`, say. */
  query: string;
  /** The model's name there. */
  model: string;
  weight: number;
  priority: number;
  /** Sent with each request, the credential among them; names in lower case. */
  headers: Record<string, string>;
  features: string[];
  /** Paths after the base URL that it understands; none: all that the model's capabilities name. */
  endpoints: string[];
  /** What to ask to learn whether it is well; from the root of its origin. */
  healthPath: string | null;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  /** `null`: connections like all others. */
  connection: UpstreamConnection | null;
}

/** Currency units per million tokens. */
export interface ModelPrices {
  inputPerMillion: number;
  cachedInputPerMillion: number;
  outputPerMillion: number;
  currency: string;
}

export interface CatalogModel {
  id: string;
  name: string;
  description: string;
  /** The lowest tier whose members may use it. */
  tierName: string;
  /** That tier's level now. */
  readonly tierLevel: number;
  ownedBy: string;
  aliases: string[];
  capabilities: string[];
  /** Tokens. */
  contextWindow: number | null;
  /** Tokens; what is reserved where a request names no cap. */
  defaultMaxTokens: number;
  prices: ModelPrices | null;
  createdAt: Date;
  /** Those that can be used; none: the model is not ready. */
  upstreams: CatalogUpstream[];
  /** Those that could be used, but are drained. */
  drained: CatalogUpstream[];
}
