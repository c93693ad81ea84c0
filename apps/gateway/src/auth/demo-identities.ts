import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StartupError } from '../platform/config/index.js';
import { makeFolder } from '../platform/folders/index.js';

const fileSchema = z.object({
  identities: z.array(
    z.object({ username: z.string().min(1), groups: z.array(z.string()), token: z.string().min(16) }),
  ),
});

export type DemoIdentity = z.output<typeof fileSchema>['identities'][number];

const USERS: Omit<DemoIdentity, 'token'>[] = [
  { username: 'free-user', groups: ['system:authenticated'] },
  { username: 'premium-user', groups: ['premium-group'] },
  { username: 'enterprise-user', groups: ['enterprise-group'] },
  { username: 'admin-user', groups: ['maas-admins', 'enterprise-group'] },
];

const make = (): DemoIdentity[] =>
  USERS.map(user => ({ ...user, token: `demo-${randomBytes(32).toString('base64url')}` }));

/**
 * The demo users, with random tokens that are made at the first start and kept in `identities.json` (mode 0600).
 * @throws StartupError where the file cannot be read or written, or holds something else
 */
export function loadDemoIdentities(folder: string): DemoIdentity[] {
  const path = join(folder, 'identities.json');
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).identities;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new StartupError(`MAAS_DATA_DIR: ${path} cannot be used; remove it to have it made again`, {
        cause: error,
      });
    }
  }
  const identities = make();
  try {
    makeFolder(folder);
    writeFileSync(path, `${JSON.stringify({ identities }, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new StartupError(`MAAS_DATA_DIR: ${path} cannot be written (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
  return identities;
}
