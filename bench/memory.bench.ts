import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { liftLimits, registerModel } from '../test/support/catalog.js';
import { startGateway, type Gateway, type MemoryUse } from '../test/support/gateway.js';
import { loadWith } from './busy.load.js';
import { startProgram } from './programs.js';
import { readSlowly } from './slow.reader.js';

// Whether the gateway's memory stays flat: over many requests, and over many clients that read a byte a second.

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    readers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    /** Fails where what the collector leaves of the heap has grown by more than this. */
    'max-growth-mb': { type: 'string' },
  },
});
const requests = Number(options.requests);
const readers = Number(options.readers);
const seconds = Number(options.seconds);
const maxGrowthMb = Number(options['max-growth-mb'] ?? Infinity);

const STEPS = 10;
/** What is compiled, cached and pooled in the first steps stays, and is no growth. */
const WARM_UP_STEPS = 2;
const CONNECTIONS = 32;

const SAMPLE_MS = 100;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1).padStart(6);

/** What was taken while the work went on: the least heap is what was left when the collector had run. */
interface Step {
  heapBytes: number;
  residentBytes: number;
}

async function during(gateway: Gateway, what: string, work: Promise<unknown>): Promise<Step> {
  const worked = work.then(() => true);
  const uses: MemoryUse[] = [];
  do uses.push(await gateway.memoryUse());
  while (!(await Promise.race([worked, delay(SAMPLE_MS, false)])));
  const heapBytes = Math.min(...uses.map(use => use.heapBytes));
  const residentBytes = Math.max(...uses.map(use => use.residentBytes));
  console.log(
    `${what.padStart(24)}  ${megabytes(heapBytes)} MB of heap at least, ${megabytes(residentBytes)} MB resident at most`,
  );
  return { heapBytes, residentBytes };
}

/** The later half against the earlier one. */
function tellGrowth(what: string, steps: Step[]): void {
  const middle = Math.ceil(steps.length / 2);
  const [earlier, later] = [steps.slice(0, middle), steps.slice(middle)];
  const least = (part: Step[]): number => Math.min(...part.map(({ heapBytes }) => heapBytes));
  const most = (part: Step[]): number => Math.max(...part.map(({ residentBytes }) => residentBytes));
  const heapBytes = least(later) - least(earlier);
  console.log(
    `growth over ${what}: ${megabytes(heapBytes)} MB of heap, ${megabytes(most(later) - most(earlier))} MB resident\n`,
  );
  if (heapBytes > maxGrowthMb * 1e6) process.exitCode = 1;
}

const cheap = await startProgram('cheap.upstream.js');
const endless = await startProgram('endless.upstream.js');
const gateway = await startGateway();
try {
  await liftLimits(gateway, 'premium-user');
  const headers = { authorization: `Bearer ${await gateway.mint('premium-user')}` };
  await registerModel(gateway, { id: 'bench', url: `${cheap.url}/v1` });
  await registerModel(gateway, {
    id: 'endless',
    url: `${endless.url}/v1`,
    upstream: { features: ['include_usage', 'continuous_usage_stats'] },
  });

  const busy: Step[] = [];
  for (let step = 1; step <= STEPS; step += 1) {
    const url = `${gateway.url}/bench/v1/chat/completions`;
    const load = loadWith(url, headers, { requests: requests / STEPS, connections: CONNECTIONS });
    const use = await during(gateway, `to request ${(requests / STEPS) * step}`, load);
    if (step > WARM_UP_STEPS) busy.push(use);
  }
  tellGrowth(`${requests} requests`, busy);

  const url = `${gateway.url}/endless/v1/chat/completions`;
  const readSlow = Promise.all(Array.from({ length: readers }, () => readSlowly(url, headers)));
  await during(gateway, `${readers} slow readers come`, readSlow);
  const slow: Step[] = [];
  for (let step = 1; step <= STEPS; step += 1)
    slow.push(
      await during(gateway, `to second ${((seconds / STEPS) * step).toFixed()}`, delay((seconds * 1000) / STEPS)),
    );
  tellGrowth(`${readers} slow readers`, slow);
  for (const socket of await readSlow) socket.destroy();
  await during(gateway, 'when they have left', delay(5000));
} catch (error) {
  // What went wrong first; a gateway that is stopped in the middle of it may have more to say.
  console.error(error);
  process.exitCode = 1;
} finally {
  await gateway.dispose();
  await cheap.stop();
  await endless.stop();
}
