import { Findings } from '../findings.js';
import { mixedPlan, type Plan } from '../plan.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

const EACH = 100;
const ENDLESS_TOKENS = 5_000;

export const leaversScenario: Scenario = {
  name: 'leavers',
  title: 'ends the upstream request of a client that leaves, and charges what was delivered',
  run: chaos => onStage(chaos, 'leavers', {}, stage => leave(chaos, stage)),
};

/** Where in the answer the clients of one group leave. */
function departures({ random }: Chaos): [string, () => Partial<Plan>][] {
  return [
    ['before the headers', () => ({ firstTokenMs: 60_000, leaveAfterArrivalMs: random.integer(0, 200) })],
    ['after the headers', () => ({ firstTokenMs: 0, tokenMs: 20, leaveAfterTokens: 1 })],
    ['mid-stream', () => ({ firstTokenMs: 0, tokenMs: 10, leaveAfterTokens: random.integer(2, 40) })],
  ];
}

async function leave(chaos: Chaos, stage: Stage): Promise<Findings> {
  const findings = new Findings();
  for (const [where, departure] of departures(chaos)) {
    const next = (): Plan => ({
      ...mixedPlan(chaos.random, `leave-${(findings.requests += 1)}`),
      stream: true,
      outputTokens: ENDLESS_TOKENS,
      maxTokens: ENDLESS_TOKENS,
      leaveAfterMs: undefined,
      leaveAfterTokens: undefined,
      ...departure(),
    });
    const traces = await Promise.all(Array.from({ length: EACH }, () => stage.send(next())));
    findings.rounds += 1;
    await findings.judge(stage);
    const times = traces.flatMap(({ abortMs }) => abortMs ?? []).sort((one, other) => one - other);
    const slowest = times.at(-1) ?? Infinity;
    findings.expect(
      slowest <= chaos.scale.abortMs,
      `an upstream worked on for ${slowest.toFixed()} ms after its client left ${where}`,
    );
    const unheard = traces.filter(
      ({ arrivals, status, abandonedAtMs }) => arrivals > 0 && status !== 429 && abandonedAtMs === undefined,
    );
    findings.expect(unheard.length === 0, `${unheard.length} upstreams never heard that their client left ${where}`);
    const median = times[times.length >> 1] ?? Infinity;
    chaos.say(
      `${times.length} whom an upstream worked for left ${where}: it knew after ${median.toFixed()} ms (median), ${slowest.toFixed()} ms (slowest)`,
    );
  }
  return findings;
}
