import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEncryptionKeys, StartupError } from '../config/index.js';
import { makeFolder } from '../folders/index.js';

const KEY_BYTES = 32;

/**
 * The keys that credentials are sealed with: those that the environment gives, and the one of the data folder
 * (`encryption-key`, mode 0600), which is made where there is no other. Where both are, the folder's only opens, so that
 * a gateway can be given a key later.
 * @returns the first seals, all of them open
 * @throws StartupError where the file cannot be read or written, or holds something else
 */
export function loadEncryptionKeys(given: readonly Buffer[] | undefined, folder: string): [Buffer, ...Buffer[]] {
  const path = join(folder, 'encryption-key');
  const kept = readKeys(path);
  const [first, ...others] = [...(given ?? []), ...kept];
  return first === undefined ? [makeKey(folder, path)] : [first, ...others];
}

function readKeys(path: string): Buffer[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new StartupError(`MAAS_DATA_DIR: ${path} cannot be read (${code})`, { cause: error });
  }
  const keys = parseEncryptionKeys(text);
  if (keys === undefined) {
    // Made anew it would open nothing of what the database holds: that is the operator's to decide.
    throw new StartupError(`MAAS_DATA_DIR: ${path} holds no key; bring back the one that sealed the credentials`);
  }
  return keys;
}

function makeKey(folder: string, path: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  try {
    makeFolder(folder);
    // Flushed, because a key that is lost with the power takes every credential with it.
    writeFileSync(path, `${key.toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartupError(`MAAS_DATA_DIR: ${path} cannot be written (${code})`, { cause: error });
  }
  return key;
}
