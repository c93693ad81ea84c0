import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataFolder } from './data-folder.lock.js';

describe('the lock of a data folder', () => {
  let folder: string;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'maas-lock-')), 'data');
  });

  afterEach(() => {
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  it('makes the folder, keeps a second process out, and leaves nothing behind', () => {
    const lock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(`MAAS_DATA_DIR: ${folder} is in use by process ${process.pid}`);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    lockDataFolder(folder).release();
  });

  it('is taken over from a process that was killed', async () => {
    lockDataFolder(folder).release();
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    writeFileSync(join(folder, 'gateway.lock'), JSON.stringify({ pid: holder.pid }));
    expect(() => lockDataFolder(folder)).toThrow(`in use by process ${holder.pid}`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockDataFolder(folder).release();
  });

  it('is taken over from a killed process whose number another has by now', () => {
    lockDataFolder(folder).release();
    writeFileSync(join(folder, 'gateway.lock'), JSON.stringify({ pid: process.pid, startTicks: '1' }));
    lockDataFolder(folder).release();
  });

  it('says in one line that the folder cannot be written', () => {
    writeFileSync(join(folder, '..', 'file'), '');
    expect(() => lockDataFolder(join(folder, '..', 'file', 'data'))).toThrow(
      /^MAAS_DATA_DIR: .* cannot be written \(ENOTDIR\)/,
    );
  });
});
