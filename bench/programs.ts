import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

export interface Program {
  pid: number;
  url: string;
  stop(): Promise<void>;
}

/**
 * Runs one of the programs of this folder, which tells its port over the channel and ends with it.
 * @param flags of Node; those of this process are not its own
 */
export async function startProgram(file: string, args: string[] = [], flags: readonly string[] = []): Promise<Program> {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: [...flags] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    pid: child.pid ?? Number.NaN,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

const POLL_MS = 20;

/** Waits until a program that somebody else wrote answers. @throws Error where it ends instead */
export async function answering(child: ChildProcess, url: string): Promise<void> {
  const answers = (): Promise<boolean> =>
    fetch(url, { method: 'POST' }).then(
      () => true,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`);
    await delay(POLL_MS);
  }
}

export async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
