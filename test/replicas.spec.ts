import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { DatabaseService } from '../apps/gateway/src/platform/database/index.js';
import { seedLedger } from '../apps/gateway/src/usage/ledger/ledger-seed.store.js';
import { liftLimits, placeInTier } from './support/catalog.js';
import { chat } from './support/chat.js';
import { cleanEnvironment } from './support/clean-environment.js';
import { findDatabase, query } from './support/embedded-database.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';

const VERIFY = resolve('dist/apps/gateway/src/usage/ledger/ledger-verify.cli.js');
const DAY_MS = 86_400_000;

describe('two replicas on one Postgres', () => {
  let first: Gateway;
  let second: Gateway;
  let url: string;
  const verify = () =>
    spawnSync(process.execPath, [VERIFY], { env: { ...cleanEnvironment(), DATABASE_URL: url }, encoding: 'utf8' });

  beforeAll(async () => {
    first = await startGateway();
    url = findDatabase(first.dataDir)?.urlOf('maas') ?? '';
    second = await startGateway({ env: { DATABASE_URL: url, LEDGER_RETENTION: '31d' } });
    await liftLimits(first, 'enterprise-user');
    await placeInTier(first, 'premium-user', [{ unit: 'requests', limit: 3, window: '1h' }]);
  });

  afterAll(async () => {
    await second.dispose();
    await first.dispose();
  });

  it('have rollups that agree after both were under mixed load at once', async () => {
    const load = async (gateway: Gateway): Promise<number> => {
      const [plenty, scarce] = await Promise.all([gateway.mint('enterprise-user'), gateway.mint('premium-user')]);
      const answers = await Promise.all(
        Array.from({ length: 120 }, (_, index) =>
          chat(gateway, index % 4 === 0 ? scarce : plenty, {
            model: index % 3 === 0 ? 'qwen3' : 'simulator',
            fields: { max_tokens: 1 + (index % 7), stream: index % 2 === 0 },
          }),
        ),
      );
      return answers.filter(({ status }) => status === 200).length;
    };
    const served = (await Promise.all([load(first), load(second)])).reduce((sum, count) => sum + count);
    await until('all of it is in Postgres', async () => {
      const [row] = await query<{ requests: string; refused: string }>(
        first.dataDir,
        'SELECT sum(requests) AS requests, sum(refused_requests) AS refused FROM usage_hourly_totals',
      );
      return Number(row?.requests) === served && Number(row?.refused) === 240 - served;
    });
    expect(verify()).toMatchObject({ status: 0, stdout: expect.stringContaining(`${served} entries: rollups agree`) });
  });

  it('keep the sums of months whose entries a replica has dropped', async () => {
    const database = new DatabaseService({ url });
    const from = new Date(Date.now() - 100 * DAY_MS);
    await seedLedger(database, { from, to: new Date(from.getTime() + DAY_MS), entries: 500, users: 5 });
    await database.$disconnect();
    await second.restart();
    const range = `from=${from.toISOString().slice(0, 10)}T00:00:00Z&to=${new Date(from.getTime() + 2 * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`;
    const sums = await second.admin(`/usage?${range}`);
    expect(sums.json<{ data: { requests: number }[] }>().data).toMatchObject([{ requests: 500 }]);
    const entries = await second.admin(`/usage/requests?${range}`);
    expect(entries.json<{ data: unknown[] }>().data).toEqual([]);
    const { status, stdout } = verify();
    expect(stdout).toContain(`${from.toISOString().slice(0, 7)}: its entries are dropped, its hours are out of reach`);
    expect(status).toBe(0);
  });
});
