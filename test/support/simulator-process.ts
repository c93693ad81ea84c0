import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { until } from './until.js';

export interface SimulatorProcess {
  readonly url: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** The simulator as a process of its own, as compose runs it. @param variables of its own, its port among them */
export async function startSimulator(variables: Record<string, string> = {}): Promise<SimulatorProcess> {
  const env = { PATH: process.env['PATH'], SIMULATOR_PORT: '0', ...variables };
  const child = spawn(process.execPath, [resolve('dist/apps/simulator/src/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let out = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  const url = await until('the simulator listens', () => /listening on (http:\S+)/.exec(out)?.[1]);
  return {
    url,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await closed;
    },
  };
}
