import { parseArgs } from 'node:util';
import { startGateway } from '../test/support/gateway.js';
import { spreadOf } from './statistics.js';

// How long the questions about usage take, asked of a real gateway over a ledger that `ledger:seed` has filled.

const { values: options } = parseArgs({
  options: {
    /** The data folder with the seeded ledger. */
    data: { type: 'string' },
    runs: { type: 'string', default: '50' },
    /** Fails where one of the first two questions takes longer at the median, in milliseconds. */
    'max-median-ms': { type: 'string' },
  },
});
const { data: dataDir } = options;
if (dataDir === undefined) throw new Error('usage: bench:usage -- --data <seeded data folder> [--runs 50]');

const DAY_MS = 86_400_000;
const WARM_UP = 10;
const ADMIN_USAGE = '/maas-api/v1/admin/usage';

const gateway = await startGateway({ dataDir });
try {
  const token = gateway.identities['admin-user'];
  const ask = async (path: string): Promise<{ id?: string }[]> => {
    const answer = await gateway.call(path, { token });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json<{ data: { id?: string }[] }>().data;
  };
  const monthAgo = new Date(Date.now() - 30 * DAY_MS).toISOString();
  const [deep] = await ask(`${ADMIN_USAGE}/requests?limit=1&to=${monthAgo}`);
  const questions: [string, string][] = [
    ['a month by model and day, one user', `${ADMIN_USAGE}?groupBy=model,day&subject=seed-user-7`],
    ['a month by model and day, everyone', `${ADMIN_USAGE}?groupBy=model,day`],
    ['the same between odd minutes, everyone', `${ADMIN_USAGE}?groupBy=model,day&from=${monthAgo}`],
    ['a month by hour and model, everyone', `${ADMIN_USAGE}?groupBy=hour,model`],
    ['a month by user, everyone', `${ADMIN_USAGE}?groupBy=user`],
    ['newest 100 requests, one user', `${ADMIN_USAGE}/requests?limit=100&subject=seed-user-7`],
    ['newest 100 requests, everyone', `${ADMIN_USAGE}/requests?limit=100`],
    [
      '100 requests, 30 days deep, everyone',
      `${ADMIN_USAGE}/requests?limit=100&from=2020-01-01T00:00:00Z&after=${deep?.id}`,
    ],
  ];
  const medians: number[] = [];
  for (const [question, path] of questions) {
    const times: number[] = [];
    let rows = 0;
    for (let run = -WARM_UP; run < Number(options.runs); run += 1) {
      const began = performance.now();
      rows = (await ask(path)).length;
      if (run >= 0) times.push(performance.now() - began);
    }
    const { min, median, max } = spreadOf(times);
    medians.push(median);
    const told = [min, median, max].map(ms => ms.toFixed(1).padStart(8)).join('');
    console.log(`${question.padEnd(42)}${String(rows).padStart(6)} rows, ms min, median, max:${told}`);
  }
  const slowest = Math.max(...medians.slice(0, 2));
  if (options['max-median-ms'] !== undefined && !(slowest <= Number(options['max-median-ms']))) process.exitCode = 1;
} finally {
  await gateway.dispose();
}
