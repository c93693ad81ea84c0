import type { SecretBox } from '../platform/secrets/index.js';
import type { StoredUpstream } from './stored-model.js';

/** A credential opens in its own row alone: copied to an upstream elsewhere, it would be sent there. */
const placeOf = (upstreamId: string): string => `upstreams/${upstreamId}/api_key`;

export const sealApiKey = (secrets: SecretBox, upstreamId: string, apiKey: string): string =>
  secrets.seal(apiKey, placeOf(upstreamId));

/** @returns `undefined` where there is one that does not open, `null` where there is none */
export const openApiKey = (
  secrets: SecretBox,
  { id, sealedApiKey }: Pick<StoredUpstream, 'id' | 'sealedApiKey'>,
): string | null | undefined => (sealedApiKey === null ? null : secrets.open(sealedApiKey, placeOf(id)));
