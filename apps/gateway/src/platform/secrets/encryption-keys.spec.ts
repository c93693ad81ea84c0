import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEncryptionKeys } from './encryption-keys.js';

describe('the encryption keys', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maas-keys-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are made once, kept in the data folder, and readable by their owner alone', () => {
    const made = loadEncryptionKeys(undefined, folder);
    expect(made).toHaveLength(1);
    expect(made[0]).toHaveLength(32);
    expect(loadEncryptionKeys(undefined, folder)).toEqual(made);
    expect(statSync(join(folder, 'encryption-key')).mode & 0o777).toBe(0o600);
  });

  it('are those of the environment first, and the one in the data folder then', () => {
    const [kept] = loadEncryptionKeys(undefined, folder);
    const given = [randomBytes(32), randomBytes(32)];
    expect(loadEncryptionKeys(given, folder)).toEqual([...given, kept]);
  });

  it('leave the data folder alone where the environment gives them', () => {
    loadEncryptionKeys([randomBytes(32)], folder);
    expect(() => statSync(join(folder, 'encryption-key'))).toThrow('ENOENT');
  });

  it('are not made anew over a file that holds none', () => {
    writeFileSync(join(folder, 'encryption-key'), 'cut off');
    expect(() => loadEncryptionKeys(undefined, folder)).toThrow(/^MAAS_DATA_DIR: .*encryption-key holds no key/);
  });
});
