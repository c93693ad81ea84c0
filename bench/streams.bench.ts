import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from './paced.load.js';
import { leaveMeasuredCore, pinMeasured } from './pinning.js';
import { cpuMicrosOfTree, residentBytesOf } from './process-cpu.js';
import type { RelayedStream } from './relayed.stream.js';
import { type Figures, keep, reportOf, tableOf } from './report.js';
import type { Way } from './stream.client.js';
import { StreamCrowd } from './stream.crowd.js';
import { Pacer } from './stream.pacer.js';
import { StreamSamples } from './stream.samples.js';
import { StreamUpstream } from './stream.upstream.js';
import { startBare, startMaas } from './systems.js';

// Streams through bare Node and this gateway in turn: as fast as one core takes, and then at a pace.

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    /** Streams at a time. */
    streams: { type: 'string', default: '300' },
    /** Events a second of each stream that is paced. */
    rate: { type: 'string', default: '10' },
  },
});
/** So many streams, each with one event under way, keep any of the systems busy. */
const BUSY_STREAMS = 64;
/** CPU time of a second in which nothing is asked of a process. */
const IDLE_MICROS = 30_000;

const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const count = Number(options.streams);
const rate = Number(options.rate);

const streams = new Map<number, RelayedStream>();
const crowdOf = (way: Way, inTurn: boolean): StreamCrowd => new StreamCrowd(way, streams, () => samples, inTurn);
let samples = new StreamSamples();

/** What is seen from now on for as long as is measured. */
async function observe(): Promise<StreamSamples> {
  samples = new StreamSamples();
  await delay(seconds * 1000);
  const seen = samples;
  samples = new StreamSamples();
  return seen;
}

/** Waits until the process has caught up with what it was given: a tokenizer may count what it could not keep up with. */
async function rest(pid: number): Promise<void> {
  for (let before = cpuMicrosOfTree(pid), now = Infinity; now - before > IDLE_MICROS;) {
    before = cpuMicrosOfTree(pid);
    await delay(1000);
    now = cpuMicrosOfTree(pid);
  }
}

/** As many events as the system takes. */
async function saturate(way: Way, pid: number): Promise<Figures> {
  const crowd = crowdOf(way, true);
  await crowd.grow(BUSY_STREAMS);
  await delay(500);
  const before = cpuMicrosOfTree(pid);
  const { events, reads } = await observe();
  const micros = cpuMicrosOfTree(pid) - before;
  await crowd.end();
  return { 'CPU us/event': micros / events, 'events/s': events / seconds, 'reads/event': reads / events };
}

/** Many streams at a pace that leaves time. @param pid absent where there is nothing between the two ends */
async function pace(way: Way, pid?: number): Promise<Figures> {
  const residentBytes = pid === undefined ? 0 : residentBytesOf(pid);
  const crowd = crowdOf(way, false);
  samples = new StreamSamples();
  await crowd.grow(count);
  const { firstByteMs } = samples;
  const pacer = new Pacer(
    crowd.streams.map(stream => () => stream.write()),
    count * rate,
  );
  await delay(500);
  const cpuBefore = pid === undefined ? 0 : cpuMicrosOfTree(pid);
  const { events, gapMs, delayMs } = await observe();
  const micros = pid === undefined ? 0 : cpuMicrosOfTree(pid) - cpuBefore;
  const grown = pid === undefined ? 0 : residentBytesOf(pid) - residentBytes;
  pacer.stop();
  await crowd.end();
  return {
    'paced: CPU us/event': micros / events,
    'first byte p50 ms': percentile(firstByteMs, 0.5),
    'first byte p99 ms': percentile(firstByteMs, 0.99),
    'event delay p50 ms': percentile(delayMs, 0.5),
    'event delay p99 ms': percentile(delayMs, 0.99),
    'gap p99 ms': percentile(gapMs, 0.99),
    'KB resident/stream': grown / 1000 / count,
  };
}

leaveMeasuredCore();
const upstream = await StreamUpstream.start(streams);
const systems = [await startBare(upstream.url), await startMaas(upstream.url)];
const direct: Way = { url: `${upstream.url}/v1/chat/completions`, headers: {} };
const results = new Map<string, Figures[]>(systems.map(({ name }) => [name, []]));
const alone: Figures[] = [];
try {
  for (const { pid } of systems) pinMeasured(pid);
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const without = await pace(direct);
    if (round > 0) alone.push(without);
    for (const system of systems) {
      const figures = { ...(await saturate(system, system.pid)) };
      await rest(system.pid);
      Object.assign(figures, await pace(system, system.pid));
      if (round > 0) results.get(system.name)?.push(figures);
      const told = Object.entries(figures).map(([name, figure]) => `${figure.toFixed(2)} ${name}`);
      process.stderr.write(`round ${round}, ${system.name}: ${told.join(', ')}\n`);
    }
  }
  const report = reportOf(results);
  const { figures } = reportOf(new Map([...results, ['nothing between', alone]]));
  process.stdout.write(`${tableOf('times bare Node', report.ratios)}\n\n${tableOf('as measured', figures)}\n`);
  process.stdout.write(`\n${keep('streams', { ...report, figures })}\n`);
} finally {
  for (const system of systems) await system.stop();
  await upstream.stop();
}
