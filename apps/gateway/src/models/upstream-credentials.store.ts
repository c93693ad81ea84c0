import { StartupError } from '../platform/config/index.js';
import type { DatabaseService } from '../platform/database/index.js';
import { SecretBox } from '../platform/secrets/index.js';
import { lockCatalog } from '../tiers/index.js';
import type { SealedCredentials } from './stored-model.js';
import { CREDENTIAL_FIELDS, openCredential, sealCredential } from './upstream-credential.js';

type Row = { id: string; modelId: string } & SealedCredentials;

/**
 * Seals with the newest key what an older key sealed, and what an older version stored in clear. In code, because the
 * database has no key.
 * @throws StartupError where a credential was sealed with a key that is not here
 */
export async function sealCredentials(database: DatabaseService, secrets: SecretBox): Promise<void> {
  await database.$transaction(async transaction => {
    await lockCatalog(transaction);
    const rows = await transaction.upstream.findMany({
      where: { OR: CREDENTIAL_FIELDS.map(field => ({ [field]: { not: null } })) },
      select: { id: true, modelId: true, sealedApiKey: true, sealedTlsKey: true },
    });
    for (const row of rows) {
      const data = resealed(secrets, row);
      if (Object.keys(data).length > 0)
        await transaction.upstream.update({ where: { id: row.id }, data, select: { id: true } });
    }
  });
}

/** The credentials of a row that are to be written anew. @throws StartupError where the key is not here */
function resealed(secrets: SecretBox, row: Row): Partial<SealedCredentials> {
  const result: Partial<SealedCredentials> = {};
  for (const field of CREDENTIAL_FIELDS) {
    const kept = row[field];
    if (kept === null || secrets.isCurrent(kept)) continue;
    const inClear = !SecretBox.isSealed(kept);
    if (!inClear && !secrets.knows(kept)) {
      throw new StartupError(
        `MAAS_ENCRYPTION_KEY: a credential of the model '${row.modelId}' was sealed with another key; ` +
          'allowed is that key, alone or after a new one',
      );
    }
    const text = inClear ? kept : openCredential(secrets, row, field);
    // One that was altered stays as it is; the catalog leaves its upstream out and says so.
    if (text !== null && text !== undefined) result[field] = sealCredential(secrets, row.id, field, text);
  }
  return result;
}
