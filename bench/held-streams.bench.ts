import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from './paced.load.js';
import { leaveMeasuredCore, pinMeasured } from './pinning.js';
import { cpuMicrosOfTree, residentBytesOf } from './process-cpu.js';
import type { RelayedStream } from './relayed.stream.js';
import { StreamCrowd } from './stream.crowd.js';
import { Pacer } from './stream.pacer.js';
import { StreamSamples } from './stream.samples.js';
import { StreamUpstream } from './stream.upstream.js';
import { startBare, startMaas } from './systems.js';

// How many streams one process holds, for how long, and what they take of its memory.

const { values: options } = parseArgs({
  options: {
    streams: { type: 'string', default: '5000' },
    /** Events a second of each stream. */
    rate: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '60' },
    /** Holds them by bare Node instead. */
    bare: { type: 'boolean', default: false },
    /** Fails above so much memory for each stream. */
    'max-kb': { type: 'string', default: '40' },
  },
});
const OPENED_TOGETHER = 20;
/** How often is told how it goes. */
const INTERVAL_MS = 10_000;

const count = Number(options.streams);
const rate = Number(options.rate);
const seconds = Number(options.seconds);

let samples = new StreamSamples();
const streams = new Map<number, RelayedStream>();

leaveMeasuredCore();
const upstream = await StreamUpstream.start(streams);
const system = await (options.bare ? startBare : startMaas)(upstream.url);
try {
  pinMeasured(system.pid);
  // What a process needs for its first streams it needs once.
  const first = new StreamCrowd(system, streams, () => samples, true);
  await first.grow(64);
  await delay(5000);
  await first.end();
  await delay(1000);

  const residentBefore = residentBytesOf(system.pid);
  const crowd = new StreamCrowd(system, streams, () => samples, false);
  const openedAt = performance.now();
  await crowd.grow(count, OPENED_TOGETHER);
  process.stdout.write(`${count} streams opened in ${((performance.now() - openedAt) / 1000).toFixed(1)} s\n`);
  const pacer = new Pacer(
    crowd.streams.map(stream => () => stream.write()),
    count * rate,
  );
  const residents: number[] = [];
  for (let left = seconds * 1000; left > 0; left -= INTERVAL_MS) {
    samples = new StreamSamples();
    const cpuBefore = cpuMicrosOfTree(system.pid);
    const begunAt = performance.now();
    await delay(Math.min(left, INTERVAL_MS));
    const { events, delayMs } = samples;
    const lastedSeconds = (performance.now() - begunAt) / 1000;
    const micros = cpuMicrosOfTree(system.pid) - cpuBefore;
    const resident = residentBytesOf(system.pid);
    residents.push(resident);
    process.stdout.write(
      `${(seconds - left / 1000).toFixed(0)} s: ${(events / lastedSeconds).toFixed(0)} events/s, ` +
        `${(micros / events).toFixed(1)} CPU us/event, delay p50 ${percentile(delayMs, 0.5).toFixed(1)} ms, ` +
        `p99 ${percentile(delayMs, 0.99).toFixed(1)} ms, ${(resident / 1e6).toFixed(0)} resident MB, ${crowd.errors.length} broken\n`,
    );
  }
  pacer.stop();
  await delay(1000);
  await crowd.end();
  const half = Math.ceil(residents.length / 2);
  const most = Math.max(...residents) - residentBefore;
  const grown = Math.max(...residents.slice(half), 0) - Math.max(...residents.slice(0, half));
  const perStream = most / 1000 / count;
  process.stdout.write(
    `${count} streams ended whole; ${perStream.toFixed(1)} KB resident a stream at most; ` +
      `most of the later half against the earlier: ${(grown / 1e6).toFixed(1)} MB\n`,
  );
  if (perStream > Number(options['max-kb'])) {
    process.stderr.write(`more than ${options['max-kb']} KB a stream\n`);
    process.exitCode = 1;
  }
} finally {
  await system.stop();
  await upstream.stop();
}
