import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { cleanEnvironment } from '../support/clean-environment.js';

const PROGRAM = resolve('dist/apps/gateway/src/usage/ledger/ledger-verify.cli.js');

/** Has `ledger:verify` compare the rollups with the entries. @returns what it found, `undefined` where they agree */
export async function differenceInRollups(databaseUrl: string): Promise<string | undefined> {
  const run = spawn(process.execPath, [PROGRAM], {
    env: { ...cleanEnvironment(), DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  run.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  const [code] = (await once(run, 'close')) as [number | null];
  return code === 0 ? undefined : `ledger:verify: ${text.split('\n', 1)[0]}`;
}
