import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The core of the system that is measured; everything else shares the other ones. */
const MEASURED_CORE = '0';
const OTHER_CORES = `1-${availableParallelism() - 1}`;

function pin(pid: number, cores: string): void {
  const { status, stderr } = spawnSync('taskset', ['-acp', cores, String(pid)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`taskset cannot pin process ${pid} to ${cores}: ${stderr}`);
}

/** Gives a process, with all its threads, the measured core for itself. */
export const pinMeasured = (pid: number): void => pin(pid, MEASURED_CORE);

/** Keeps this process, and whatever it starts from now on, off the measured core. */
export const leaveMeasuredCore = (): void => pin(process.pid, OTHER_CORES);
