import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startCommand } from '../test/support/start-command.js';
import { percentile } from './paced.load.js';
import { leaveMeasuredCore, pinMeasured } from './pinning.js';
import { cpuMicrosOfTree } from './process-cpu.js';
import type { RelayedStream } from './relayed.stream.js';
import { type Figures, keep, reportOf, tableOf } from './report.js';
import type { Way } from './stream.client.js';
import { StreamCrowd } from './stream.crowd.js';
import { StreamSamples } from './stream.samples.js';
import { StreamTraffic } from './stream.traffic.js';
import { StreamUpstream } from './stream.upstream.js';
import { startBare, startMaas, type System } from './systems.js';

// Streams through bare Node and this gateway in turn: as fast as one core takes, and then, coming and going, what keeps it half busy.

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    /** Events a second of each stream that is paced. */
    rate: { type: 'string', default: '20' },
    /** Of each stream that is paced. */
    events: { type: 'string', default: '100' },
    /** Bare Node has the flags of `npm start` too. */
    'same-flags': { type: 'boolean', default: false },
  },
});
/** So many streams, each with one event under way, keep any of the systems busy. */
const BUSY_STREAMS = 64;
/** CPU time of a second in which nothing is asked of a process. */
const IDLE_MICROS = 30_000;
/** Streams that a process has served before it is measured: until then much of its time goes into being compiled. */
const WARM_STREAMS = 10_000;
/** What streams take at first, while they are all new, is not what they take in the long run. */
const SETTLE_MS = 3000;
/** Of this gateway's core. */
const HALF = 0.5;

const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const rate = Number(options.rate);
const events = Number(options.events);

const streams = new Map<number, RelayedStream>();
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

/** Short streams, one after the other on each of some connections. */
async function warm(way: Way): Promise<void> {
  samples = new StreamSamples();
  const traffic = new StreamTraffic(way, streams, () => samples, { streams: BUSY_STREAMS, rate: 100, events: 10 });
  await traffic.begin();
  while (samples.firstByteMs.length < WARM_STREAMS) await delay(100);
  await traffic.end();
}

/** As many events as the system takes. */
async function saturate(way: Way, pid: number): Promise<Figures> {
  const crowd = new StreamCrowd(way, streams, () => samples, true);
  await crowd.grow(BUSY_STREAMS);
  await delay(500);
  const before = cpuMicrosOfTree(pid);
  const seen = await observe();
  const micros = cpuMicrosOfTree(pid) - before;
  await crowd.end();
  return {
    'CPU us/event': micros / seen.events,
    'events/s': seen.events / seconds,
    'reads/event': seen.reads / seen.events,
  };
}

/** Streams that come and go, so many at a time. @param pid absent where there is nothing between the two ends */
async function pace(way: Way, count: number, pid?: number): Promise<Figures> {
  const traffic = new StreamTraffic(way, streams, () => samples, { streams: count, rate, events });
  await traffic.begin();
  await delay(SETTLE_MS);
  const cpuMicros = (): number => (pid === undefined ? 0 : cpuMicrosOfTree(pid));
  const before = cpuMicros();
  const { firstByteMs, gapMs, delayMs } = await observe();
  const micros = cpuMicros() - before;
  await traffic.end();
  return {
    'CPU at half': micros / seconds / 1e6,
    'streams begun': firstByteMs.length,
    'first byte p50 ms': percentile(firstByteMs, 0.5),
    'first byte p99 ms': percentile(firstByteMs, 0.99),
    'event delay p50 ms': percentile(delayMs, 0.5),
    'event delay p99 ms': percentile(delayMs, 0.99),
    'gap p99 ms': percentile(gapMs, 0.99),
  };
}

leaveMeasuredCore();
const upstream = await StreamUpstream.start(streams);
const bare = await startBare(upstream.url, options['same-flags'] ? startCommand().flags : []);
const gateway = await startMaas(upstream.url);
const systems = [bare, gateway];
const direct: Way = { url: `${upstream.url}/v1/chat/completions`, headers: {} };
const results = new Map<string, Figures[]>(systems.map(({ name }) => [name, []]));
const alone: Figures[] = [];
/** How many streams there are at a time in the paced part. */
let count = 0;
try {
  for (const { pid } of systems) pinMeasured(pid);
  for (const system of systems) await warm(system);
  // The first round warms up too and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const busy = new Map<System, Figures>();
    for (const system of systems) {
      busy.set(system, await saturate(system, system.pid));
      await rest(system.pid);
    }
    // All have the same to do. How much keeps this gateway's core busy half of the time is told by the round before; it is
    // less than half of the events that it takes, since fewer of them share a turn.
    if (round === 0) count = Math.ceil(((busy.get(gateway)?.['events/s'] ?? Number.NaN) * HALF) / rate);
    const without = await pace(direct, count);
    if (round > 0) alone.push(without);
    for (const system of systems) {
      const figures = { ...busy.get(system), ...(await pace(system, count, system.pid)) };
      await rest(system.pid);
      if (round > 0) results.get(system.name)?.push(figures);
      if (system === gateway) count = Math.round((count * HALF) / (figures['CPU at half'] ?? Number.NaN));
      const told = Object.entries(figures).map(([name, figure]) => `${figure.toFixed(2)} ${name}`);
      process.stderr.write(`round ${round}, ${system.name}: ${told.join(', ')}\n`);
    }
  }
  const report = reportOf(results);
  const { figures } = reportOf(new Map([...results, ['nothing between', alone]]));
  process.stdout.write(`${tableOf('times bare Node', report.ratios)}\n\n${tableOf('as measured', figures)}\n`);
  process.stdout.write(`\n${tableOf('added to bare Node', report.added)}\n`);
  process.stdout.write(`\n${keep('streams', { ...report, figures })}\n`);
} finally {
  for (const system of systems) await system.stop();
  await upstream.stop();
}
