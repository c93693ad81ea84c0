import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StartupError } from '../platform/config/index.js';

const ENTRY = fileURLToPath(new URL('../../../simulator/src/main.js', import.meta.url));

export interface BundledSimulator {
  /** Base URL, without a path. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the model server without a model that serves the demo's models, on any free port of loopback. It ends with its
 * parent, however that ends: the channel between them closes.
 * @throws StartupError where it does not come up
 */
export function startBundledSimulator(): Promise<BundledSimulator> {
  const child = fork(ENTRY, {
    env: { PATH: process.execPath, SIMULATOR_HOST: '127.0.0.1', SIMULATOR_PORT: '0' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', error => reject(new StartupError(`the bundled simulator cannot be started: ${error.message}`)));
    child.once('exit', code => reject(new StartupError(`the bundled simulator ended at once, with code ${code}`)));
    child.on('message', (message: { type?: unknown; port?: unknown }) => {
      if (message.type === 'listening')
        resolve({ url: `http://127.0.0.1:${String(message.port)}`, stop: () => stop(child) });
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    child.once('exit', () => resolve());
    child.disconnect();
  });
}
