import type { SecretBox } from '../platform/secrets/index.js';
import type { SealedCredentials } from './stored-model.js';

/** The columns that hold sealed texts. */
export const CREDENTIAL_FIELDS = ['sealedApiKey', 'sealedTlsKey'] as const satisfies (keyof SealedCredentials)[];
type CredentialField = (typeof CREDENTIAL_FIELDS)[number];

/** A credential opens in its own row and column alone: copied to an upstream elsewhere, it would be sent there. */
const placeOf = (upstreamId: string, field: CredentialField): string => `upstreams/${upstreamId}/${field}`;

export const sealCredential = (secrets: SecretBox, upstreamId: string, field: CredentialField, text: string): string =>
  secrets.seal(text, placeOf(upstreamId, field));

/** @returns `undefined` where there is one that does not open, `null` where there is none */
export function openCredential(
  secrets: SecretBox,
  { id, ...fields }: { id: string } & SealedCredentials,
  field: CredentialField,
): string | null | undefined {
  const sealed = fields[field];
  return sealed === null ? null : secrets.open(sealed, placeOf(id, field));
}
