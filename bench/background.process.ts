import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** How often new children are looked for. */
const LOOK_MS = 500;

const autogroupOf = (pid: number): string => `/proc/${pid}/autogroup`;

function putBehind(pid: number): void {
  setPriority(pid, constants.priority.PRIORITY_LOW);
  // Where Linux groups processes by session, priorities hold within a group, and the group has one of its own.
  writeFileSync(autogroupOf(pid), String(constants.priority.PRIORITY_LOW));
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/**
 * Lets all other processes go before this one and its children, those that are still to come too.
 * @returns what stops looking for these
 */
export function keepBehind(pid: number): NodeJS.Timeout {
  const seen = new Set<number>();
  const look = (): void => {
    for (const each of [pid, ...childrenOf(pid)]) {
      if (seen.has(each)) continue;
      seen.add(each);
      try {
        putBehind(each);
      } catch (error) {
        // It may have ended meanwhile, and not every kernel has such groups.
        if (existsSync(autogroupOf(each))) throw error;
      }
    }
  };
  look();
  return setInterval(look, LOOK_MS).unref();
}
