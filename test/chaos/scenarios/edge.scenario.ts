import { setTimeout as delay } from 'node:timers/promises';
import { placeInTier } from '../../support/catalog.js';
import { Findings } from '../findings.js';
import { mixedPlan, type Plan } from '../plan.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { Traffic } from '../traffic.js';

const LIMIT = 10;
const WINDOW_MS = 1_000;
/** An entry's start is noted some moments after the admission, and those differ. */
const TOLERANCE_MS = 100;
const CLIENTS = 8;

export const edgeScenario: Scenario = {
  name: 'edge',
  title: 'admits no more than a limit in any interval of its window, wherever that begins',
  run: chaos => onStage(chaos, 'edge', {}, stage => rush(chaos, stage)),
};

/** One request early in a window, and a rush at its end: a window that is fixed would let twice the limit through. */
async function rush({ random, scale, say }: Chaos, stage: Stage): Promise<Findings> {
  const findings = new Findings();
  await placeInTier(stage.gateway, 'free-user', [{ unit: 'requests', limit: LIMIT, window: `${WINDOW_MS}ms` }]);
  const next = (): Plan => ({
    ...mixedPlan(random, `edge-${(findings.requests += 1)}`),
    username: 'free-user',
    firstTokenMs: 0,
    tokenMs: 0,
    leaveAfterMs: undefined,
    leaveAfterTokens: undefined,
  });
  for (findings.rounds = 0; findings.rounds < scale.rushes; findings.rounds += 1) {
    await stage.send(next());
    await delay(WINDOW_MS * (0.5 + 0.4 * random.next()));
    const traffic = new Traffic(stage, next, CLIENTS);
    await delay(WINDOW_MS);
    await traffic.stop();
    await delay(WINDOW_MS * (1 + random.next()));
  }
  await findings.judge(stage);
  const times = (await stage.rows()).map(({ startedAt }) => startedAt.getTime());
  for (let last = LIMIT; last < times.length; last += 1) {
    const spanMs = (times[last] ?? Infinity) - (times[last - LIMIT] ?? 0);
    findings.expect(
      spanMs >= WINDOW_MS - TOLERANCE_MS,
      `${LIMIT + 1} requests were admitted within ${spanMs} ms, and ${LIMIT} may be in ${WINDOW_MS}`,
    );
  }
  findings.expect(times.length > LIMIT * scale.rushes, `only ${times.length} requests were admitted`);
  say(`${times.length} of ${findings.requests} were admitted in ${scale.rushes} rushes`);
  return findings;
}
