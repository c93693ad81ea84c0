import { placeInTier } from '../../support/catalog.js';
import { Findings } from '../findings.js';
import { setTimeout as delay } from 'node:timers/promises';
import { mixedPlan, type Plan } from '../plan.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { Traffic } from '../traffic.js';

const CROWD = 200;
const LIMIT = 100;

export const crowdScenario: Scenario = {
  name: 'crowd',
  title:
    'lets 200 simultaneous requests past a limit of 100 tokens by one overshoot at most, and in a strict tier not at all',
  async run(chaos) {
    const findings = new Findings();
    await onStage(chaos, 'crowd', {}, stage => crowd(chaos, stage, false, findings));
    await onStage(chaos, 'crowd_strict', {}, stage => crowd(chaos, stage, true, findings));
    return findings;
  },
};

async function crowd({ random, scale, say }: Chaos, stage: Stage, strict: boolean, findings: Findings): Promise<void> {
  await placeInTier(stage.gateway, 'free-user', [{ unit: 'tokens', limit: LIMIT, window: '1m' }], strict);
  const next = (): Plan => {
    const outputTokens = random.integer(1, 30);
    return {
      ...mixedPlan(random, `crowd-${(findings.requests += 1)}`),
      username: 'free-user',
      reporting: 'continuous',
      promptTokens: random.integer(1, 5),
      outputTokens,
      maxTokens: outputTokens,
      leaveAfterMs: undefined,
      leaveAfterTokens: undefined,
    };
  };
  await Promise.all(Array.from({ length: CROWD }, () => stage.send(next())));
  // Those who come back find what the first reserved and did not use.
  const traffic = new Traffic(stage, next, CROWD);
  await delay(scale.loadMs);
  await traffic.stop();
  const { traces } = stage;
  findings.rounds += 1;
  await findings.judge(stage);
  const admitted = traces.filter(({ status }) => status === 200);
  const others = traces.filter(({ status }) => status !== 200 && status !== 429);
  findings.expect(others.length === 0, `${others.length} requests were neither answered nor refused`);
  const tokens = (await stage.rows()).map(({ inputTokens, outputTokens }) => inputTokens + outputTokens);
  const used = tokens.reduce((sum, each) => sum + each, 0);
  // The last to be admitted found at least one token left, and may have used more than that.
  const bound = strict ? LIMIT : LIMIT - 1 + Math.max(...tokens);
  findings.expect(used <= bound, `${used} tokens were used of ${LIMIT}; at most ${bound} may be`);
  findings.expect(admitted.length > 0, 'nobody was admitted');
  say(
    `${strict ? 'strict: ' : ''}${admitted.length} of ${traces.length} were admitted and used ${used} of ${LIMIT} tokens`,
  );
}
