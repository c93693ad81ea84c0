import { parseArgs } from 'node:util';
import { readEnvironment, StartupError } from '../../platform/config/index.js';
import { applyMigrations, DatabaseService, withDatabase } from '../../platform/database/index.js';
import { seedLedger, tidyLedger } from './ledger-seed.store.js';

// Fills a ledger, for measurements. It adds to what is there.

const DAY_MS = 86_400_000;
const USAGE = 'usage: ledger:seed -- [--entries 10000000] [--days 90] [--users 2000], all of them positive numbers';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '10000000' },
    days: { type: 'string', default: '90' },
    users: { type: 'string', default: '2000' },
  },
});

async function seed(url: string, entries: number, days: number, users: number): Promise<void> {
  await applyMigrations(url);
  const database = new DatabaseService({ url });
  const began = Date.now();
  try {
    for (let day = days; day > 0; day -= 1) {
      const written = (count: number): number => Math.round((entries * (days - count)) / days);
      const from = new Date(began - day * DAY_MS);
      const count = written(day - 1) - written(day);
      await seedLedger(database, { from, to: new Date(from.getTime() + DAY_MS), entries: count, users });
      console.log(`${from.toISOString().slice(0, 10)}: ${written(day - 1)} entries`);
    }
    await tidyLedger(database);
    console.log(`${entries} entries of ${days} days in ${Math.round((Date.now() - began) / 1000)} s`);
  } finally {
    await database.$disconnect();
  }
}

try {
  const [entries = 0, days = 0, users = 0] = [values.entries, values.days, values.users].map(Number);
  if (![entries, days, users].every(number => Number.isSafeInteger(number) && number > 0))
    throw new StartupError(USAGE);
  await withDatabase(readEnvironment(), 'make', url => seed(url, entries, days, users));
} catch (error) {
  if (!(error instanceof StartupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
