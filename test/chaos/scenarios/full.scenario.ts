import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '../../support/gateway.js';
import { until } from '../../support/until.js';
import { Findings } from '../findings.js';
import { mixedPlan, type Plan } from '../plan.js';
import { onStage, type Chaos, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { Traffic } from '../traffic.js';

const SMALLEST_JOURNAL_BYTES = 4 * 1024 ** 2;
const DISK_BYTES = 16 * 1024 ** 2;
const RUNNING = 10;
const FILL_DEADLINE_MS = 240_000;

export const fullScenario: Scenario = {
  name: 'full',
  title: 'refuses what it cannot write down, lets finish what runs, and serves again by itself',
  async run(chaos) {
    const findings = new Findings();
    const env = { LEDGER_JOURNAL_MAX_BYTES: String(SMALLEST_JOURNAL_BYTES) };
    await onStage(chaos, 'full_bound', { env }, stage => fill(chaos, stage, 'at LEDGER_JOURNAL_MAX_BYTES', findings));
    if (chaos.scale.fillDisk) await fillDisk(chaos, findings);
    return findings;
  },
};

/** A disk of its own under the journal, where the system lets us make one. */
async function fillDisk(chaos: Chaos, findings: Findings): Promise<void> {
  const dataDir = freshFolder();
  const journal = join(dataDir, 'journal');
  mkdirSync(journal, { mode: 0o700 });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'tmpfs', journal], {
    encoding: 'utf8',
  });
  try {
    if (mounted.status !== 0) {
      chaos.say(`SKIPPED with a full disk: no tmpfs can be mounted here: ${mounted.stderr || String(mounted.error)}`);
      return;
    }
    await onStage(chaos, 'full_disk', { dataDir }, stage => fill(chaos, stage, 'on a full disk', findings));
  } finally {
    if (mounted.status === 0) spawnSync('umount', [journal]);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function fill({ random, postgres, scale, say }: Chaos, stage: Stage, where: string, findings: Findings) {
  const before = findings.requests;
  const quick = (): Plan => ({
    ...mixedPlan(random, `full-${(findings.requests += 1)}`),
    username: 'enterprise-user',
    firstTokenMs: 0,
    tokenMs: 0,
    leaveAfterMs: undefined,
    leaveAfterTokens: undefined,
  });
  const running = Array.from({ length: RUNNING }, () => stage.send({ ...quick(), stream: true, held: true }));
  await until('the running streams run', () => stage.traces.every(({ tokensSeen }) => tokensSeen > 0));
  await postgres.end('SIGINT');
  const traffic = new Traffic(stage, quick, scale.concurrency);
  const isRefusal = ({ refusal }: { refusal: string }) => refusal.includes('cannot be recorded');
  await until('requests are refused', () => stage.traces.some(isRefusal), FILL_DEADLINE_MS);
  stage.upstream.release();
  const ran = await Promise.all(running);
  const cut = ran.filter(({ whole }) => !whole);
  findings.expect(cut.length === 0, `${cut.length} streams that ran were cut ${where}`);
  const odd = stage.traces.filter(
    ({ status, refusal }) => status !== undefined && status >= 500 && !isRefusal({ refusal }),
  );
  findings.expect(odd.length === 0, `${odd.length} requests failed otherwise, the first with ${odd[0]?.refusal}`);
  await postgres.start();
  const refused = stage.traces.length;
  await until('requests are served again', () => stage.traces.slice(refused).some(({ whole }) => whole), 60_000);
  await traffic.stop();
  findings.rounds += 1;
  await findings.judge(stage);
  const served = stage.traces.filter(({ status }) => status === 200).length;
  say(`${where}: ${served} of ${findings.requests - before} requests were served, ${findings.all.length} findings`);
}
