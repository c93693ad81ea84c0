import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Prisma } from '../apps/gateway/src/platform/database/index.js';
import { SecretBox } from '../apps/gateway/src/platform/secrets/index.js';
import { expectError } from './support/answer.js';
import { chat } from './support/chat.js';
import { freshFolder, startGateway, type Gateway } from './support/gateway.js';
import { decodeJwt } from './support/jwt.js';
import { startMigratedDatabase, type MigratedDatabase } from './support/migrated-database.js';

const newKey = (): string => randomBytes(32).toString('hex');

describe('a private signing key', () => {
  let postgres: MigratedDatabase;
  const folders: string[] = [];
  const running: Gateway[] = [];

  beforeEach(async () => {
    postgres = await startMigratedDatabase();
  });

  afterEach(async () => {
    await stopAll();
    await postgres.dispose();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const stopAll = async (): Promise<void> => {
    for (const gateway of running.splice(0)) await gateway.dispose();
  };
  const start = async (encryptionKey: string): Promise<Gateway> => {
    const dataDir = freshFolder();
    folders.push(dataDir);
    const gateway = await startGateway({
      dataDir,
      env: { DATABASE_URL: postgres.url, MAAS_ENCRYPTION_KEY: encryptionKey },
    });
    running.push(gateway);
    return gateway;
  };
  const stored = () => postgres.database.signingKey.findMany();
  const kidOf = (token: string): unknown => decodeJwt(token).header['kid'];
  const statusWith = async (gateway: Gateway, token: string): Promise<number> => (await chat(gateway, token)).status;

  it('is sealed in the database', async () => {
    const key = newKey();
    await start(key);
    const [row] = await stored();
    expect(row?.sealedPrivateJwk).toMatch(/^sealed 1 /);
    const box = new SecretBox([Buffer.from(key, 'hex')]);
    expect(box.open(row?.sealedPrivateJwk as string, `signing-keys/${row?.kid}`)).toContain('"d":');
  });

  it('that an older version stored in clear is sealed by replicas that start at once, and signs on', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' }) as Prisma.InputJsonObject;
    await postgres.database.signingKey.create({
      data: { kid: 'kept', sealedPrivateJwk: jwkOf(privateKey), publicJwk: jwkOf(publicKey) },
    });
    const key = newKey();
    const [one, other] = await Promise.all([start(key), start(key)]);
    const token = await one.mint('enterprise-user');
    expect(kidOf(token)).toBe('kept');
    expect(await statusWith(other, token)).toBe(200);
    expect((await stored()).map(({ sealedPrivateJwk }) => sealedPrivateJwk)).toEqual([
      expect.stringMatching(/^sealed 1 /),
    ]);
  });

  it('is sealed again with a new encryption key, and kept', async () => {
    const [old, next] = [newKey(), newKey()];
    const token = await (await start(old)).mint('enterprise-user');
    await stopAll();
    await start(`${next},${old}`);
    await stopAll();
    const rotated = await start(next);
    expect(await statusWith(rotated, token)).toBe(200);
    expect(kidOf(await rotated.mint('enterprise-user'))).toBe(kidOf(token));
    expect(rotated.stdout()).not.toContain('made a new signing key');
  });

  it('that cannot be opened is replaced with a warning, and the tokens that it signed remain valid', async () => {
    const first = await start(newKey());
    const before = await first.mint('enterprise-user');
    const second = await start(newKey());
    expect(second.stdout()).toMatch(/"level":40.*made a new signing key/);
    const after = await second.mint('enterprise-user');
    expect(kidOf(after)).not.toBe(kidOf(before));
    for (const gateway of [first, second])
      for (const token of [before, after]) expect(await statusWith(gateway, token)).toBe(200);
    expect(kidOf(await first.mint('enterprise-user'))).toBe(kidOf(before));
  });

  it('outlives the revocation of everything that a user has, which needs a user', async () => {
    const gateway = await start(newKey());
    const token = await gateway.mint('enterprise-user');
    expectError(await gateway.admin('/users/nobody/tokens', { method: 'DELETE' }), 404, { code: 'not_found' });
    expect(await statusWith(gateway, token)).toBe(200);
    expect((await gateway.admin('/users/enterprise-user/tokens', { method: 'DELETE' })).status).toBe(204);
    expect(await statusWith(gateway, token)).toBe(401);
  });
});
