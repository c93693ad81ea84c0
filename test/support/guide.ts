import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const GUIDE_COPY = resolve('test/fixtures/model-access-guide.txt');
/** Where the guide itself lies beside a working copy; a clone alone has only the copy of it. */
export const GUIDE_ORIGINAL = resolve('../shared/guide/model-access-guide.txt');

export interface Guide {
  /** Shell blocks in their order, as printed. */
  shell: string[];
  /** JSON examples in their order. */
  examples: unknown[];
}

const SHELL_START = /^(?:# |[A-Z_]+=|curl |echo |[a-z_]+\(\) \{|if )/;

const isWhole = (script: string): boolean => spawnSync('bash', ['-n'], { input: script }).status === 0;

/**
 * Takes the guide's blocks out of its plain text, which has no marks around them: a JSON example stands between a line
 * `{` and a line `}`, and a shell block goes on over empty lines until what bash holds for whole is followed by prose.
 */
export function readGuide(text: string = readFileSync(GUIDE_COPY, 'utf8')): Guide {
  const lines = text.split('\n');
  const shell: string[] = [];
  const examples: unknown[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const from = at;
    if (lines[at] === '{') {
      while (lines[at] !== '}') at += 1;
      examples.push(JSON.parse(lines.slice(from, at + 1).join('\n')));
    } else if (SHELL_START.test(lines[at] ?? '')) {
      at = endOfShell(lines, from);
      shell.push(lines.slice(from, at + 1).join('\n'));
    }
  }
  return { shell, examples };
}

function endOfShell(lines: string[], from: number): number {
  let end = from;
  for (let at = from; at < lines.length; at += 1) {
    if (lines[at] === '') continue;
    const startsParagraph = at > from && lines[at - 1] === '';
    if (startsParagraph && !SHELL_START.test(lines[at] ?? '') && isWhole(lines.slice(from, at).join('\n'))) return end;
    end = at;
  }
  return end;
}
