import { readEnvironment, StartupError } from '../../platform/config/index.js';
import { DatabaseService, withDatabase } from '../../platform/database/index.js';
import { auditLedger, type Difference } from './ledger-audit.store.js';

const say = (text: string): void => console.log(text);

function lineOf({ table, key, found, expected }: Difference): string {
  const row = Object.entries(key).map(([column, value]) => `${column}=${value}`);
  const wrong = Object.keys(found).filter(measure => found[measure] !== expected[measure]);
  return `${table} ${row.join(' ')}: ${wrong.map(each => `${each} is ${found[each]}, not ${expected[each]}`).join('; ')}`;
}

/** Compares the rollups with what the entries come to. @returns the exit code */
async function verify(url: string): Promise<number> {
  const database = new DatabaseService({ url });
  try {
    const { entries, hours, differences, outOfReach } = await auditLedger(database);
    for (const month of outOfReach)
      say(`${month.toISOString().slice(0, 7)}: its entries are dropped, its hours are out of reach`);
    for (const difference of differences) say(lineOf(difference));
    const verdict = differences.length === 0 ? 'rollups agree' : `rollups differ in ${differences.length} rows`;
    say(`${hours} hours, ${entries} entries: ${verdict}`);
    return differences.length === 0 ? 0 : 1;
  } finally {
    await database.$disconnect();
  }
}

try {
  process.exitCode = await withDatabase(readEnvironment(), 'refuse', verify);
} catch (error) {
  if (!(error instanceof StartupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
