import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { startCommand } from './start-command.js';

const { flags: FLAGS, program: PROGRAM } = startCommand();
const EXIT_DEADLINE_MS = 45_000;

export interface Listening {
  url: string;
  metricsUrl: string;
}

/** One run of the gateway's program, from its start to its end. */
export class GatewayProcess {
  readonly child: ChildProcess;
  private readonly exited: Promise<number | null>;
  private out = '';
  private err = '';
  private found: Listening | undefined;

  constructor(environment: Record<string, string>, program = resolve(PROGRAM)) {
    // Jest's own NODE_OPTIONS and a developer's DATABASE_URL must not reach the program under test.
    const mode = globalThis as { MAAS_PLAIN_HTTP?: string };
    const plain = mode.MAAS_PLAIN_HTTP === undefined ? {} : { MAAS_PLAIN_HTTP: mode.MAAS_PLAIN_HTTP };
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], HOST: '127.0.0.1', ...plain, ...environment };
    this.child = spawn(process.execPath, [...FLAGS, program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (bytes: Buffer) => (this.out += bytes.toString()));
    this.child.stderr?.on('data', (bytes: Buffer) => (this.err += bytes.toString()));
    // `close` and not `exit`: what the program printed last is still on its way at `exit`.
    this.exited = once(this.child, 'close').then(([code]) => code as number | null);
    const killed = () => void this.child.kill('SIGKILL');
    process.once('exit', killed);
    void this.exited.then(() => process.removeListener('exit', killed));
  }

  get stdout(): string {
    return this.out;
  }

  get stderr(): string {
    return this.err;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Where the program listens, from its own log line; `undefined` until it does. */
  get listening(): Listening | undefined {
    return (this.found ??= this.findListening());
  }

  private findListening(): Listening | undefined {
    for (const line of this.out.split('\n')) {
      if (!line.startsWith('{') || !line.includes('"listening"') || !line.endsWith('}')) continue;
      const { event, url, metricsUrl } = JSON.parse(line) as Partial<Listening> & { event?: string };
      if (event === 'listening' && url !== undefined && metricsUrl !== undefined) return { url, metricsUrl };
    }
    return undefined;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /**
   * Waits for the program's end.
   * @returns its exit code, null where a signal ended it
   */
  async end(deadlineMs = EXIT_DEADLINE_MS): Promise<number | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.child.kill('SIGKILL');
        reject(new Error(`the gateway did not end in ${deadlineMs} ms\n${this.out}${this.err}`));
      }, deadlineMs);
    });
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
