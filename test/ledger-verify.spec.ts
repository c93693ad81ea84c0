import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { chat } from './support/chat.js';
import { liftLimits } from './support/catalog.js';
import { cleanEnvironment } from './support/clean-environment.js';
import { query } from './support/embedded-database.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';

const PROGRAM = resolve('dist/apps/gateway/src/usage/ledger/ledger-verify.cli.js');

async function verify(dataDir: string): Promise<{ code: number; lines: string[] }> {
  const run = spawn(process.execPath, [PROGRAM], { env: { ...cleanEnvironment(), MAAS_DATA_DIR: dataDir } });
  let text = '';
  run.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  run.stderr.on('data', (piece: Buffer) => (text += piece.toString()));
  const [code] = (await once(run, 'close')) as [number];
  return { code, lines: text.trim().split('\n') };
}

describe('ledger:verify', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
    const token = await gateway.mint('enterprise-user');
    await Promise.all(Array.from({ length: 20 }, () => chat(gateway, token)));
    await until('all entries are in Postgres', async () => {
      const [row] = await query<{ count: string }>(gateway.dataDir, 'SELECT count(*) FROM ledger_entries');
      return row?.count === '20';
    });
  });

  afterAll(() => gateway.dispose());

  it('says that the rollups agree, while the gateway runs', async () => {
    const { code, lines } = await verify(gateway.dataDir);
    expect(lines.at(-1)).toMatch(/^\d+ hours, 20 entries: rollups agree$/);
    expect(code).toBe(0);
  });

  it('says a line for each row that was tampered with, and fails', async () => {
    await query(gateway.dataDir, 'UPDATE usage_daily_totals SET requests = requests + 1');
    const { code, lines } = await verify(gateway.dataDir);
    expect(lines[0]).toMatch(/^usage_daily_totals .*: requests is \d+, not \d+$/);
    expect(lines.at(-1)).toMatch(/^\d+ hours, 20 entries: rollups differ in \d+ rows$/);
    expect(code).toBe(1);
    await query(gateway.dataDir, 'UPDATE usage_daily_totals SET requests = requests - 1');
  });

  it('works while no gateway runs, and leaves no server behind', async () => {
    await gateway.stop();
    expect((await verify(gateway.dataDir)).code).toBe(0);
    await gateway.restart();
  });

  it('makes no database where there is none', async () => {
    expect(await verify('/nonexistent/maas')).toEqual({
      code: 1,
      lines: ["MAAS_DATA_DIR: /nonexistent/maas holds no database; allowed is a gateway's folder"],
    });
  });
});
