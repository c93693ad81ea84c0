import { setTimeout as delay } from 'node:timers/promises';
import { Findings } from '../findings.js';
import { mixedPlan, type Plan } from '../plan.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

/** Far more than the sockets between upstream and client hold, so that the upstream must be seen to wait. */
const TOKENS = 1_000_000;
const READ_MS = 5_000;
const BYTES_PER_READER = 1024 ** 2;
const SLACK_BYTES = 100 * 1024 ** 2;

export const slowScenario: Scenario = {
  name: 'slow',
  title: 'slows the upstreams of clients that read a byte a second, in memory that stays flat',
  run: chaos => onStage(chaos, 'slow', {}, stage => readSlowly(chaos, stage)),
};

async function readSlowly({ random, scale, say }: Chaos, stage: Stage): Promise<Findings> {
  const findings = new Findings();
  const plan = (): Plan => ({
    ...mixedPlan(random, `slow-${(findings.requests += 1)}`),
    username: random.pick(['free-user', 'enterprise-user']),
    stream: true,
    outputTokens: TOKENS,
    maxTokens: TOKENS,
    firstTokenMs: 0,
    tokenMs: 0,
    leaveAfterTokens: undefined,
    leaveAfterMs: undefined,
    leaveAfterArrivalMs: READ_MS + random.integer(0, READ_MS),
    bytesPerSecond: 1,
  });
  const { residentBytes: before } = await stage.gateway.memoryUse();
  const sent = Array.from({ length: scale.slowReaders }, () => stage.send(plan()));
  let most = 0;
  const watched = watch(stage, bytes => (most = Math.max(most, bytes)));
  const traces = await Promise.all(sent);
  await watched.stop();
  findings.rounds = 1;
  await findings.judge(stage);
  const hurried = traces.filter(({ tokensSent }) => tokensSent >= TOKENS);
  findings.expect(hurried.length === 0, `${hurried.length} upstreams did not wait for their slow client`);
  const grown = most - before;
  const bound = SLACK_BYTES + scale.slowReaders * BYTES_PER_READER;
  findings.expect(grown <= bound, `${inMB(grown)} were taken for ${scale.slowReaders} slow readers`);
  const furthest = Math.max(...traces.map(({ tokensSent }) => tokensSent));
  say(`${scale.slowReaders} readers: at most ${inMB(grown)} more memory, upstreams stopped after ${furthest} tokens`);
  return findings;
}

const inMB = (bytes: number): string => `${(bytes / 1e6).toFixed()} MB`;

function watch({ gateway }: Stage, tell: (bytes: number) => void): { stop(): Promise<void> } {
  let watching = true;
  const watched = (async () => {
    while (watching) {
      tell((await gateway.memoryUse()).residentBytes);
      await delay(250);
    }
  })();
  return {
    stop: () => {
      watching = false;
      return watched;
    },
  };
}
