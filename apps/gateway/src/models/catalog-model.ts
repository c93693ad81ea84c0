/** A server that answers for a model. */
export interface CatalogUpstream {
  id: string;
  /** Base URL that ends before `/chat/completions`. */
  url: string;
  /** The model's name there. */
  model: string;
  weight: number;
  priority: number;
  apiKey: string | null;
  headers: Record<string, string>;
  features: string[];
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
}
