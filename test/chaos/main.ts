import { parseArgs } from 'node:util';
import type { Findings } from './findings.js';
import { PostgresServer } from '../support/postgres-server.js';
import { Random } from './random.js';
import { tableOf } from './report.js';
import { sabotage } from './sabotage.js';
import { LONG } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

// The long form: `npm run test:chaos -- [--seed n] [--only name] [--rounds n] [--sabotage name]`. Ends with 1 where a promise is broken.

const SHOWN = 20;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    sabotage: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const scale = { ...LONG, killRounds: Number(values.rounds ?? LONG.killRounds) };
const chosen = SCENARIOS.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0 || !Number.isSafeInteger(seed) || !(scale.killRounds > 0))
  throw new Error(`--seed and --rounds are numbers, --only is one of ${SCENARIOS.map(({ name }) => name).join(', ')}`);

console.log(`seed ${seed}`);
const broken = values.sabotage === undefined ? undefined : sabotage(values.sabotage);
if (broken !== undefined) console.log(`the build is broken on purpose: ${broken.what}`);
const results = new Map<string, Findings>();
const postgres = await PostgresServer.create();
try {
  for (const { name, run } of chosen) {
    const say = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${name}: ${line}`);
    const findings = await run({ scale, random: new Random(seed), postgres, program: broken?.program, say });
    results.set(name, findings);
    for (const line of findings.all.slice(0, SHOWN)) console.log(`  ${line}`);
    if (findings.all.length > SHOWN) console.log(`  and ${findings.all.length - SHOWN} more`);
  }
} finally {
  await postgres.dispose();
  broken?.remove();
}
console.log(`\n${tableOf(results)}\n\nseed ${seed}`);
process.exitCode = [...results.values()].some(({ all }) => all.length > 0) ? 1 : 0;
