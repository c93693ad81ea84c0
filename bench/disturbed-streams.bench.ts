import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { type HostileRequest, hostileRequests } from './hostile.bodies.js';
import { percentile } from './paced.load.js';
import { leaveMeasuredCore, pinMeasured } from './pinning.js';
import { RelayedStream } from './relayed.stream.js';
import { questionOf } from './stream.bytes.js';
import { StreamClient } from './stream.client.js';
import { StreamCrowd } from './stream.crowd.js';
import { Pacer } from './stream.pacer.js';
import { StreamSamples } from './stream.samples.js';
import { StreamUpstream } from './stream.upstream.js';
import { startBare, startMaas, type System } from './systems.js';

// Do streams wait for what others ask? Paced streams, alone and beside long prompts, forged tokens and hostile bodies.

const { values: options } = parseArgs({
  options: {
    streams: { type: 'string', default: '100' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '10' },
    /** Of a long prompt. */
    megabytes: { type: 'string', default: '10' },
    /** Forged tokens a second. */
    forged: { type: 'string', default: '200' },
  },
});
const seconds = Number(options.seconds);
const LONG_PROMPT = 'tell me more '.repeat((Number(options.megabytes) * 1_000_000) / 13);

let samples = new StreamSamples();
/** Of the requests that disturb; they are not what is measured. */
const ignored = new StreamSamples();
const streams = new Map<number, RelayedStream>();

leaveMeasuredCore();
const upstream = await StreamUpstream.start(streams);
const bare = await startBare(upstream.url);
const gateway = await startMaas(upstream.url);

let disturbing = true;
let nextNonce = 1;

async function askLong(system: System): Promise<number> {
  let asked = 0;
  const client = await StreamClient.connect(system);
  for (; disturbing; asked += 1) {
    const stream = new RelayedStream({ samples: () => ignored, events: 1, inTurn: true });
    streams.set(stream.id, stream);
    await client.ask(stream, questionOf(stream.id, LONG_PROMPT));
    streams.delete(stream.id);
    await delay(100);
  }
  client.close();
  return asked;
}

/** A token that looks right and whose signature is not; another one each time. */
function forgedToken(nonce: number): string {
  const [head = '', claims = ''] = (gateway.headers['authorization'] ?? '').replace('Bearer ', '').split('.');
  const signature = createHash('sha512').update(String(nonce)).digest('base64url');
  return `${head}.${claims}.${signature}`;
}

async function floodForged(): Promise<number> {
  let refused = 0;
  const under: Promise<void>[] = [];
  const knock = async (): Promise<void> => {
    const authorization = `Bearer ${forgedToken(nextNonce++)}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const { status } = await fetch(gateway.url, { method: 'POST', headers, body: '{}' });
    if (status !== 401) throw new Error(`a forged token was answered with ${status}`);
    refused += 1;
  };
  const pacer = new Pacer([() => under.push(knock())], Number(options.forged));
  while (disturbing) await delay(10);
  pacer.stop();
  await Promise.all(under);
  return refused;
}

/** Sends a hostile body again and again. Whatever its answer is, the streams beside it are what is measured. */
async function sendHostile(system: System, { path, body }: HostileRequest): Promise<number> {
  let sent = 0;
  const url = new URL(path, system.url);
  for (; disturbing; sent += 1) {
    const headers = { ...system.headers, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body });
    await answer.arrayBuffer();
  }
  return sent;
}

async function observe(name: string, disturb: () => Promise<number>): Promise<void> {
  disturbing = true;
  const disturbed = disturb();
  await delay(500);
  samples = new StreamSamples();
  await delay(seconds * 1000);
  const { gapMs, delayMs } = samples;
  disturbing = false;
  const times = await disturbed;
  const told = [gapMs, delayMs].map(
    list =>
      `p50 ${percentile(list, 0.5).toFixed(1)}, p99 ${percentile(list, 0.99).toFixed(1)}, most ${percentile(list, 1).toFixed(1)}`,
  );
  process.stdout.write(`${name} (${times}): gap ms ${told.join('; delay ms ')}\n`);
}

/** Three times, because what is seen of tails differs from one time to the next. */
async function disturb(system: System): Promise<void> {
  pinMeasured(system.pid);
  const crowd = new StreamCrowd(system, streams, () => samples, false);
  await crowd.grow(Number(options.streams));
  const pacer = new Pacer(
    crowd.streams.map(stream => () => stream.write()),
    Number(options.streams) * Number(options.rate),
  );
  await delay(3000);
  for (let round = 0; round < 3; round += 1) {
    await observe(`${system.name}, nothing beside`, () => Promise.resolve(0));
    await observe(`${system.name}, prompts of ${options.megabytes} MB`, () => askLong(system));
    if (system !== gateway) continue;
    await observe(`${system.name}, forged tokens`, floodForged);
    for (const hostile of hostileRequests().filter(({ path }) => !path.startsWith('/maas-api')))
      await observe(`${system.name}, ${hostile.name}`, () => sendHostile(system, hostile));
  }
  pacer.stop();
  await crowd.end();
}

try {
  await disturb(bare);
  await disturb(gateway);
} finally {
  await bare.stop();
  await gateway.stop();
  await upstream.stop();
}
