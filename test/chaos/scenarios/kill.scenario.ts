import { setTimeout as delay } from 'node:timers/promises';
import { Findings } from '../findings.js';
import { findLeaks } from '../leaks.js';
import { mixedPlan } from '../plan.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { Traffic } from '../traffic.js';

const LEAST_LOAD_MS = 200;

export const killScenario: Scenario = {
  name: 'kill',
  title: 'loses and doubles nothing through kill -9 at random moments',
  run: chaos => onStage(chaos, 'kill', {}, stage => killRounds(chaos, stage)),
};

async function killRounds(chaos: Chaos, stage: Stage): Promise<Findings> {
  const { random, scale, say } = chaos;
  const findings = new Findings();
  let sent = 0;
  for (let round = 1; round <= scale.killRounds; round += 1) {
    const next = () => mixedPlan(random, `kill-${round}-${(sent += 1)}`);
    const traffic = new Traffic(stage, next, scale.concurrency);
    await delay(random.integer(LEAST_LOAD_MS, scale.loadMs));
    await kill(stage, round % 2 === 0);
    await traffic.stop();
    await stage.gateway.restart();
    findings.audited(await stage.audit());
    findings.leaked(await findLeaks(stage.gateway));
    findings.rounds = round;
    findings.requests = sent;
    say(`round ${round} of ${scale.killRounds}: ${sent} requests, ${findings.all.length} findings`);
  }
  findings.agreed(await stage.differenceInRollups());
  return findings;
}

/** Kills at once, or when the next client has its last byte: then that byte's entry must have been there already. */
async function kill(stage: Stage, atLastByte: boolean): Promise<void> {
  if (atLastByte) stage.onWhole = () => stage.gateway.signal('SIGKILL');
  else stage.gateway.signal('SIGKILL');
  await stage.gateway.ended();
  stage.onWhole = () => undefined;
}
