import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/until.js';
import { Findings } from '../findings.js';
import { mixedPlan, type Plan } from '../plan.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { Traffic } from '../traffic.js';

const SHORT_DRAIN_MS = 300;

export const drainScenario: Scenario = {
  name: 'drain',
  title: 'cuts nothing on SIGTERM before DRAIN_TIMEOUT, and loses nothing after it',
  async run(chaos) {
    const findings = new Findings();
    await onStage(chaos, 'drain_long', { env: { DRAIN_TIMEOUT: '30s' } }, stage => patientStop(chaos, stage, findings));
    await onStage(chaos, 'drain_short', { env: { DRAIN_TIMEOUT: `${SHORT_DRAIN_MS}ms` } }, stage =>
      hurriedStop(chaos, stage, findings),
    );
    return findings;
  },
};

async function patientStop(chaos: Chaos, stage: Stage, findings: Findings): Promise<void> {
  const { random, scale, say } = chaos;
  // Nobody leaves here, so that whatever is cut was cut by the gateway.
  const next = (): Plan => ({
    ...mixedPlan(random, `drain-${(findings.requests += 1)}`),
    leaveAfterMs: undefined,
    leaveAfterTokens: undefined,
  });
  const traffic = new Traffic(stage, next, scale.concurrency);
  await delay(scale.loadMs);
  await stopAndAudit(stage, traffic, findings);
  const cut = stage.traces.filter(({ arrivals, whole }) => arrivals > 0 && !whole);
  findings.expect(cut.length === 0, `${cut.length} answers were cut by SIGTERM, as ${cut[0]?.plan.requestId}`);
  say(`stopped under load: ${findings.requests} requests, ${findings.all.length} findings`);
}

async function hurriedStop(chaos: Chaos, stage: Stage, findings: Findings): Promise<void> {
  const { random, scale, say } = chaos;
  const plans = Array.from({ length: scale.concurrency }, () => endlessPlan(chaos, findings));
  const sent = plans.map(plan => stage.send(plan));
  const middle = random.integer(1, 5);
  await until('the streams run', () => stage.traces.every(({ tokensSeen }) => tokensSeen >= middle));
  await stopAndAudit(stage, { stop: async () => void (await Promise.all(sent)) }, findings);
  const rows = await stage.rows();
  const others = rows.filter(({ outcome, requestId }) => requestId.startsWith('endless') && outcome !== 'interrupted');
  findings.expect(
    others.length === 0,
    `${others.length} streams that were cut are ${others[0]?.outcome} and not interrupted`,
  );
  say(`cut at DRAIN_TIMEOUT: ${plans.length} streams, ${findings.all.length} findings`);
}

function endlessPlan({ random }: Chaos, findings: Findings): Plan {
  return {
    ...mixedPlan(random, `endless-${(findings.requests += 1)}`),
    username: 'enterprise-user',
    stream: true,
    outputTokens: 10_000,
    maxTokens: 10_000,
    tokenMs: random.integer(20, 60),
    leaveAfterMs: undefined,
    leaveAfterTokens: undefined,
  };
}

async function stopAndAudit(stage: Stage, traffic: { stop(): Promise<void> }, findings: Findings): Promise<void> {
  stage.gateway.signal('SIGTERM');
  await traffic.stop();
  const code = await stage.gateway.ended();
  findings.expect(code === 0, `the gateway ended with ${code} on SIGTERM`);
  // Nothing has started since, so what is in Postgres now was brought there by the process that ended.
  findings.audited(await stage.audit());
  findings.agreed(await stage.differenceInRollups());
  findings.rounds += 1;
}
