import { connect, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { placeInTier, registerModel } from '../test/support/catalog.js';
import { startGateway } from '../test/support/gateway.js';
import { EventLoopProbe } from './event-loop.probe.js';
import { hostileRequests, MAX_BODY_BYTES } from './hostile.bodies.js';
import { leaveMeasuredCore, pinMeasured } from './pinning.js';
import { residentBytesOf } from './process-cpu.js';
import { startProgram } from './programs.js';

// For how long does a hostile body hold the event loop, and how much memory do clients without a credential fill?

const { values: options } = parseArgs({
  options: {
    /** Another build's `main.js`, to compare with. */
    program: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '40' },
  },
});

/** Highest resident memory since the process began, in bytes. Linux only. */
function peakBytesOf(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

leaveMeasuredCore();
const upstream = await startProgram('cheap.upstream.js');
const bare = await startProgram('bare.proxy.js', [upstream.url]);
const gateway = await startGateway({ program: options.program, env: { MAAS_MAX_CONNECTIONS: '1000' } });

/** A client without a credential that sends all but the last byte of the largest body. */
async function holdBody(): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${MAX_BODY_BYTES}\r\n\r\n`,
  );
  await new Promise<void>(resolve => {
    socket.once('close', () => resolve());
    socket.write(Buffer.alloc(MAX_BODY_BYTES - 1, 0x20), () => resolve());
  });
  return socket;
}

async function measureHolds(): Promise<void> {
  const token = await gateway.mint('premium-user');
  const probes = [new EventLoopProbe(`${bare.url}/health`), new EventLoopProbe(`${gateway.url}/health/live`)];
  for (const { name, path, body } of hostileRequests()) {
    const told: string[] = [];
    for (let round = 0; round < Number(options.rounds); round += 1) {
      for (const [index, url] of [bare.url, gateway.url].entries()) {
        const authorization = path.startsWith('/maas-api') ? gateway.identities['premium-user'] : token;
        const headers = { authorization: `Bearer ${authorization}`, 'content-type': 'application/json' };
        await delay(200);
        probes[index]?.take();
        const answer = await fetch(url + path, { method: 'POST', headers, body });
        await answer.arrayBuffer();
        await delay(50);
        told.push(`${index === 0 ? 'bare' : `gateway ${answer.status}`} ${probes[index]?.take().toFixed(0)} ms`);
      }
    }
    print(`${name.padEnd(28)} held for at most: ${told.join(', ')}`);
  }
  for (const probe of probes) await probe.stop();
}

async function measureMemory(): Promise<void> {
  await delay(2000);
  const before = residentBytesOf(gateway.pid);
  const sockets = await Promise.all(Array.from({ length: Number(options.connections) }, holdBody));
  await delay(2000);
  const held = residentBytesOf(gateway.pid);
  for (const socket of sockets) socket.destroy();
  await delay(60_000);
  const after = residentBytesOf(gateway.pid);
  print(
    `${sockets.length} clients without a credential: ${mb(before)} before, ${mb(held)} meanwhile, ` +
      `${mb(peakBytesOf(gateway.pid))} peak, ${mb(after)} a minute later`,
  );
}

try {
  await placeInTier(gateway, 'premium-user', []);
  await registerModel(gateway, {
    id: 'bench',
    url: `${upstream.url}/v1`,
    model: { capabilities: ['chat', 'completions'] },
  });
  pinMeasured(gateway.pid);
  pinMeasured(bare.pid);
  await measureMemory();
  await measureHolds();
  print(`peak of resident memory ${mb(peakBytesOf(gateway.pid))}, now ${mb(residentBytesOf(gateway.pid))}`);
} finally {
  await gateway.dispose();
  await bare.stop();
  await upstream.stop();
}
