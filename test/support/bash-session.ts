import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface BlockOutput {
  stdout: string;
  stderr: string;
}

const MARK = '@@end of block@@';

/**
 * Runs the blocks one after the other in one bash, as somebody who pastes them would.
 * @param identityToken what `oc whoami -t` prints
 */
export async function runInBash(blocks: string[], identityToken: string): Promise<BlockOutput[]> {
  const folder = mkdtempSync(join(tmpdir(), 'maas-guide-'));
  try {
    const oc = join(folder, 'oc');
    writeFileSync(oc, `#!/bin/sh\n[ "$*" = "whoami -t" ] && echo '${identityToken}'\n`);
    chmodSync(oc, 0o755);
    const marked = blocks.map(block => `${block}\nprintf '%s' '${MARK}'; printf '%s' '${MARK}' >&2\n`);
    const script = join(folder, 'session.sh');
    writeFileSync(script, marked.join('\n'));
    const env = { HOME: folder, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
    const bash = spawn('bash', [script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    bash.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    bash.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    await once(bash, 'close');
    const errors = stderr.split(MARK);
    return stdout
      .split(MARK)
      .slice(0, -1)
      .map((text, index) => ({ stdout: text, stderr: errors[index] ?? '' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
