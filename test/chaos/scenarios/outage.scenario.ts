import { setTimeout as delay } from 'node:timers/promises';
import { Findings } from '../findings.js';
import { mixedPlan } from '../plan.js';
import type { PostgresServer } from '../../support/postgres-server.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { Traffic } from '../traffic.js';

interface Outage {
  name: string;
  begin(postgres: PostgresServer): Promise<void> | void;
  end(postgres: PostgresServer): Promise<void> | void;
}

const OUTAGES: Outage[] = [
  { name: 'freezes', begin: postgres => postgres.freeze(), end: postgres => postgres.thaw() },
  { name: 'is shut down', begin: postgres => postgres.end('SIGINT'), end: postgres => postgres.start() },
  { name: 'is killed', begin: postgres => postgres.end('SIGKILL'), end: postgres => postgres.start() },
];

export const outageScenario: Scenario = {
  name: 'outage',
  title: 'serves on while Postgres is away, and has everything in it afterwards',
  run: chaos => onStage(chaos, 'outage', {}, stage => outages(chaos, stage)),
};

async function outages(chaos: Chaos, stage: Stage): Promise<Findings> {
  const findings = new Findings();
  for (const outage of OUTAGES) {
    const before = findings.requests;
    await outageUnderLoad(chaos, stage, outage, findings);
    chaos.say(`Postgres ${outage.name}: ${findings.requests - before} requests, ${findings.all.length} findings`);
  }
  return findings;
}

async function outageUnderLoad(chaos: Chaos, stage: Stage, outage: Outage, findings: Findings): Promise<void> {
  const { random, scale, postgres } = chaos;
  const next = () => mixedPlan(random, `outage-${(findings.requests += 1)}`);
  const traffic = new Traffic(stage, next, scale.concurrency);
  await delay(scale.loadMs);
  await outage.begin(postgres);
  const begun = stage.traces.length;
  await delay(scale.outageMs);
  const during = stage.traces.slice(begun);
  await outage.end(postgres);
  await delay(scale.loadMs);
  await traffic.stop();
  findings.rounds += 1;
  findings.expect(
    during.some(({ whole }) => whole),
    `no request was answered while Postgres ${outage.name}`,
  );
  const failed = during.filter(({ status }) => status !== undefined && status >= 500);
  findings.expect(
    failed.length === 0,
    `${failed.length} requests failed while Postgres ${outage.name}, the first with ${failed[0]?.refusal}`,
  );
  await findings.judge(stage);
}
