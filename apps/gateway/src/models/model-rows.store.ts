import { z } from 'zod';
import type { Prisma } from '../platform/database/index.js';
import type { SecretBox } from '../platform/secrets/index.js';
import type { ModelPrices } from './catalog-model.js';
import type { StoredModel, StoredUpstream, UpstreamChange } from './stored-model.js';
import { sealCredential } from './upstream-credential.js';

export const include = { upstreams: { orderBy: [{ priority: 'asc' }, { id: 'asc' }] } } satisfies Prisma.ModelInclude;
type Row = Prisma.ModelGetPayload<{ include: typeof include }>;

const headersSchema = z.record(z.string(), z.string());

export const toUpstream = ({
  modelId: _modelId,
  createdAt: _createdAt,
  headers,
  ...fields
}: Row['upstreams'][number]): StoredUpstream => ({ ...fields, headers: headersSchema.parse(headers) });

function pricesOf({ inputPerMillion, cachedInputPerMillion, outputPerMillion, currency }: Row): ModelPrices | null {
  if (inputPerMillion === null || outputPerMillion === null) return null;
  const input = inputPerMillion.toNumber();
  return {
    inputPerMillion: input,
    cachedInputPerMillion: cachedInputPerMillion?.toNumber() ?? input,
    outputPerMillion: outputPerMillion.toNumber(),
    currency,
  };
}

export const toModel = (row: Row): StoredModel => ({
  id: row.id,
  name: row.name,
  description: row.description,
  tierName: row.tierName,
  ownedBy: row.ownedBy,
  aliases: row.aliases,
  capabilities: row.capabilities,
  contextWindow: row.contextWindow,
  defaultMaxTokens: row.defaultMaxTokens,
  prices: pricesOf(row),
  createdAt: row.createdAt,
  upstreams: row.upstreams.map(toUpstream),
});

/** `null` takes the prices away, `undefined` leaves them. */
export const priceColumns = (prices: ModelPrices | null | undefined) =>
  prices === null ? { inputPerMillion: null, cachedInputPerMillion: null, outputPerMillion: null } : prices;

/** The given fields as columns; credentials sealed for the upstream of this id. */
export const upstreamColumns = (secrets: SecretBox, id: string, { apiKey, tlsKey, ...fields }: UpstreamChange) => ({
  ...fields,
  ...(apiKey !== undefined && { sealedApiKey: apiKey && sealCredential(secrets, id, 'sealedApiKey', apiKey) }),
  ...(tlsKey !== undefined && { sealedTlsKey: tlsKey && sealCredential(secrets, id, 'sealedTlsKey', tlsKey) }),
});
