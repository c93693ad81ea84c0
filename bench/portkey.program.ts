import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../test/support/free-port.js';
import { answering, endOf, type Program } from './programs.js';

/** Fetched for the comparison alone; it is no dependency. */
const PACKAGE = '@portkey-ai/gateway@1.15.2';
const FOLDER = join(tmpdir(), 'bench-portkey-1.15.2');

/** Portkey's gateway from npm, which applies no policy. @returns `undefined` where npm cannot fetch it */
export async function startPortkey(): Promise<Program | undefined> {
  const entry = join(FOLDER, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (!existsSync(entry)) {
    const install = [
      'install',
      '--prefix',
      FOLDER,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      PACKAGE,
    ];
    if (spawnSync('npm', install, { stdio: 'ignore' }).status !== 0) return undefined;
  }
  const port = await freePort();
  const child = spawn(process.execPath, [entry, `--port=${port}`, '--headless'], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await answering(child, url);
  return {
    pid: child.pid ?? Number.NaN,
    url,
    stop: () => endOf(child, 'SIGKILL'),
  };
}
