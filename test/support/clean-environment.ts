import { delimiter } from 'node:path';

/** The environment of a new terminal: without what npm and Jest put there for their own children. */
export function cleanEnvironment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(NODE_OPTIONS|NODE_ENV|JEST_WORKER_ID|INIT_CWD|DATABASE_URL|MAAS_.*)$/.test(entry[0]) &&
      !/^npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix)/.test(entry[0]),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(folder => !folder.includes('node_modules'));
  return { ...Object.fromEntries(inherited), PATH: path.join(delimiter) };
}
