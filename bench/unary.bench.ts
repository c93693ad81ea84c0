import { parseArgs } from 'node:util';
import { hasNginx, startNginxUpstream } from './nginx.program.js';
import { loadAtRate, percentile } from './paced.load.js';
import { leaveMeasuredCore, pinMeasured } from './pinning.js';
import { cpuMicrosOfTree, residentBytesOf } from './process-cpu.js';
import { startProgram } from './programs.js';
import { type Figures, keep, reportOf, tableOf } from './report.js';
import { startBare, startMaas, startNginx, startPortkey, type System } from './systems.js';
import { hasWrk, loadWithWrk } from './wrk.load.js';

// Chat completions that are not streamed, through each system in turn: as many as one core takes, then half as many.

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
    /** Fails where the gateway's CPU per request is above this many times bare Node's. */
    'max-cpu-ratio': { type: 'string' },
    /** Leaves out what is neither bare Node nor this gateway, and the latencies. */
    short: { type: 'boolean', default: false },
  },
});
/** What the paced load can send evenly from one core; systems that take twice as many are asked no more. */
const STEADY_RATE = 3000;

const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const connections = Number(options.connections);

async function measure({ pid, url, headers }: System): Promise<Figures> {
  const before = cpuMicrosOfTree(pid);
  const { requests, requestsPerSecond } = await loadWithWrk(url, headers, { connections, seconds });
  const figures = {
    'CPU us/request': (cpuMicrosOfTree(pid) - before) / requests,
    'requests/s': requestsPerSecond,
    'resident MB': residentBytesOf(pid) / 1e6,
  };
  if (options.short) return figures;
  const latencies = await loadAtRate(url, headers, {
    requestsPerSecond: Math.min(requestsPerSecond / 2, STEADY_RATE),
    seconds,
  });
  return {
    ...figures,
    'p50 ms at half': percentile(latencies, 0.5),
    'p90 ms at half': percentile(latencies, 0.9),
    'p99 ms at half': percentile(latencies, 0.99),
  };
}

if (!hasWrk()) throw new Error('wrk is not installed; on Debian: apt-get install wrk');
leaveMeasuredCore();
const upstream = hasNginx() ? await startNginxUpstream() : await startProgram('cheap.upstream.js');
const starts = options.short ? [startBare, startMaas] : [startBare, startMaas, startNginx, startPortkey];
const systems: System[] = [];
for (const start of starts) {
  const system = await start(upstream.url);
  if (system !== undefined) systems.push(system);
}
try {
  for (const { pid } of systems) pinMeasured(pid);
  const results = new Map<string, Figures[]>(systems.map(({ name }) => [name, []]));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const system of systems) {
      const figures = await measure(system);
      if (round > 0) results.get(system.name)?.push(figures);
      const told = Object.entries(figures).map(([name, figure]) => `${figure.toFixed(1)} ${name}`);
      process.stderr.write(`round ${round}, ${system.name}: ${told.join(', ')}\n`);
    }
  }
  const report = reportOf(results);
  process.stdout.write(`${tableOf('times bare Node', report.ratios)}\n\n${tableOf('as measured', report.figures)}\n`);
  process.stdout.write(`\n${tableOf('added to bare Node', report.added)}\n`);
  process.stdout.write(`\n${keep('unary', report)}\n`);
  const ratio = report.ratios['this gateway']?.['CPU us/request']?.median ?? Number.NaN;
  if (options['max-cpu-ratio'] !== undefined && !(ratio <= Number(options['max-cpu-ratio']))) {
    process.stderr.write(`${ratio.toFixed(2)} times bare Node's CPU is more than ${options['max-cpu-ratio']}\n`);
    process.exitCode = 1;
  }
} finally {
  for (const system of systems) await system.stop();
  await upstream.stop();
}
