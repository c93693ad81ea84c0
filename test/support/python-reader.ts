import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

export const hasPython = (): boolean => spawnSync('python3', ['--version']).status === 0;

/** Reads bodies as Python's `json` and `email` packages do, in a process that lives as long as the test. */
export class PythonReader {
  private readonly child: ChildProcessWithoutNullStreams = spawn('python3', ['test/support/readers.py']);
  private readonly lines: Interface = createInterface({ input: this.child.stdout });
  private errors = '';

  constructor() {
    this.child.stderr.on('data', (bytes: Buffer) => (this.errors += bytes.toString()));
  }

  /** @returns the fields as each of Python's ways to read them finds them, the last of a name */
  read(type: string, body: string): Promise<Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      const onClose = (): void => reject(new Error(`python3 ended: ${this.errors}`));
      this.lines.once('close', onClose);
      this.lines.once('line', line => {
        this.lines.off('close', onClose);
        resolve(JSON.parse(line) as Record<string, unknown>[]);
      });
      this.child.stdin.write(`${JSON.stringify({ type, body: Buffer.from(body).toString('base64') })}\n`);
    });
  }

  stop(): void {
    this.child.kill();
  }
}
