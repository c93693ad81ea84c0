import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, type Answer, type CallOptions } from './answer.js';
import { endLeftDatabase } from './embedded-database.js';
import { GatewayProcess } from './gateway-process.js';
import { until } from './until.js';

export type Username = 'free-user' | 'premium-user' | 'enterprise-user' | 'admin-user';

export interface GatewayOptions {
  env?: Record<string, string>;
  /** Used as it is, and left there; a fresh one of its own where absent. */
  dataDir?: string;
  /** The program's file; the one that was built where absent. */
  program?: string;
}

export interface MemoryUse {
  residentBytes: number;
  heapBytes: number;
}

const START_DEADLINE_MS = 60_000;

/** A running gateway with a data folder of its own. */
export class Gateway {
  private constructor(
    readonly dataDir: string,
    private readonly env: Record<string, string>,
    private readonly ownsFolder: boolean,
    private readonly program: string | undefined,
    private run: GatewayProcess,
  ) {}

  static async start({ env = {}, dataDir, program }: GatewayOptions = {}): Promise<Gateway> {
    const folder = dataDir ?? freshFolder();
    const environment = { PORT: '0', METRICS_PORT: '0', MAAS_DATA_DIR: folder, ...env };
    const run = new GatewayProcess(environment, program);
    const gateway = new Gateway(folder, environment, dataDir === undefined, program, run);
    await gateway.ready();
    return gateway;
  }

  get url(): string {
    return this.listening().url;
  }

  get metricsUrl(): string {
    return this.listening().metricsUrl;
  }

  get pid(): number {
    return this.run.child.pid ?? Number.NaN;
  }

  get exitCode(): number | null {
    return this.run.exitCode;
  }

  get identities(): Record<Username, string> {
    const { identities } = JSON.parse(readFileSync(join(this.dataDir, 'identities.json'), 'utf8')) as {
      identities: { username: Username; token: string }[];
    };
    return Object.fromEntries(identities.map(({ username, token }) => [username, token])) as Record<Username, string>;
  }

  stdout(): string {
    return this.run.stdout;
  }

  stderr(): string {
    return this.run.stderr;
  }

  call(path: string, options?: CallOptions): Promise<Answer> {
    return call(this.url + path, options);
  }

  /** What the process takes, by its own metrics. */
  async memoryUse(): Promise<MemoryUse> {
    const { text } = await call(new URL('/metrics', this.metricsUrl).href, {
      // A test that is kept busy finds a connection that was kept open for it closed.
      headers: { connection: 'close' },
    });
    const gauge = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    return {
      residentBytes: gauge('process_resident_memory_bytes'),
      heapBytes: gauge('nodejs_heap_size_used_bytes'),
    };
  }

  /** Gets an access token by the username's identity token. */
  async mint(username: Username, body: unknown = {}): Promise<string> {
    const answer = await this.call('/maas-api/v1/tokens', { method: 'POST', token: this.identities[username], body });
    if (answer.status !== 201) throw new Error(`no token for ${username}: ${answer.status} ${answer.text}`);
    return answer.json<{ token: string }>().token;
  }

  /** A call as the administrator. */
  admin(path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call(`/maas-api/v1/admin${path}`, { token: this.identities['admin-user'], ...options });
  }

  /** Sends the signal and waits for the end. @returns the exit code, null where the signal ended it */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.signal(signal);
    return this.ended();
  }

  signal(name: NodeJS.Signals): void {
    this.run.signal(name);
  }

  ended(): Promise<number | null> {
    return this.run.end();
  }

  async kill9(): Promise<void> {
    await this.stop('SIGKILL');
  }

  /** Starts the program again on the same folder; it listens on another port then. */
  async restart(): Promise<void> {
    if (!this.run.ended) await this.stop();
    this.run = new GatewayProcess(this.env, this.program);
    await this.ready();
  }

  /** Ends everything that was started here, and removes the folder. */
  async dispose(): Promise<void> {
    try {
      if (!this.run.ended) await this.stop();
    } finally {
      await endLeftDatabase(this.dataDir);
      if (this.ownsFolder) rmSync(this.dataDir, { recursive: true, force: true });
    }
  }

  private async ready(): Promise<void> {
    const { run } = this;
    await until('the gateway listens or ends', () => run.listening !== undefined || run.ended, START_DEADLINE_MS);
    if (run.listening === undefined) {
      await this.dispose();
      throw new Error(`the gateway did not start\n${run.stdout}${run.stderr}`);
    }
  }

  private listening() {
    const { listening } = this.run;
    if (!listening) throw new Error('the gateway does not listen');
    return listening;
  }
}

export function startGateway(options?: GatewayOptions): Promise<Gateway> {
  return Gateway.start(options);
}

export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'maas-gateway-'));
}
