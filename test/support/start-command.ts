import { readFileSync } from 'node:fs';

/** How `npm start` runs the gateway: Node's flags, and the program. */
export interface StartCommand {
  flags: string[];
  program: string;
}

/** From `package.json`, so that tests and measurements run the gateway as its users do. */
export function startCommand(): StartCommand {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
  const words = scripts.start.split(' ');
  return { flags: words.filter(word => word.startsWith('--')), program: words.at(-1) ?? '' };
}
