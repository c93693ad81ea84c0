import { readFileSync, readlinkSync } from 'node:fs';

/**
 * When a process was started, in clock ticks since the machine's boot; tells a process from a later one that was
 * given the same number. `undefined` where the system does not say or there is no such process.
 */
export function processStartTicks(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

/** Whether a process runs. One that has ended but that nobody has waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z';
}

/** The folder that a process works in, or `undefined` where the system does not say. */
export function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** The fields of /proc/<pid>/stat from the state on: the name before it may hold spaces and brackets. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
