import { StartupError } from '../platform/config/index.js';
import type { DatabaseService } from '../platform/database/index.js';
import { SecretBox } from '../platform/secrets/index.js';
import { lockCatalog } from '../tiers/index.js';
import { openApiKey, sealApiKey } from './upstream-credential.js';

/**
 * Seals with the newest key what an older key sealed, and what an older version stored in clear. In code, because the
 * database has no key.
 * @throws StartupError where a credential was sealed with a key that is not here
 */
export async function sealCredentials(database: DatabaseService, secrets: SecretBox): Promise<void> {
  await database.$transaction(async transaction => {
    await lockCatalog(transaction);
    const rows = await transaction.upstream.findMany({
      where: { sealedApiKey: { not: null } },
      select: { id: true, modelId: true, sealedApiKey: true },
    });
    for (const { id, modelId, sealedApiKey } of rows) {
      if (sealedApiKey === null || secrets.isCurrent(sealedApiKey)) continue;
      const inClear = !SecretBox.isSealed(sealedApiKey);
      if (!inClear && !secrets.knows(sealedApiKey)) {
        throw new StartupError(
          `MAAS_ENCRYPTION_KEY: a credential of the model '${modelId}' was sealed with another key; ` +
            'allowed is that key, alone or after a new one',
        );
      }
      const apiKey = inClear ? sealedApiKey : openApiKey(secrets, { id, sealedApiKey });
      // One that was altered stays as it is; the catalog leaves its upstream out and says so.
      if (apiKey === null || apiKey === undefined) continue;
      await transaction.upstream.update({
        where: { id },
        data: { sealedApiKey: sealApiKey(secrets, id, apiKey) },
        select: { id: true },
      });
    }
  });
}
