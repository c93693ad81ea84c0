import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** Whether the server at the port answers the command with what is expected. */
const answersAt = (port: number, command = 'PING', expected = '+PONG'): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    const tell = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('data', bytes => tell(bytes.toString().includes(expected)));
    socket.once('error', () => tell(false));
  });

/** A real Redis that keeps nothing: killed and started again, it is an empty one on the same port. */
export class RedisProcess {
  private child: ChildProcess | undefined;

  private readonly folder = mkdtempSync(join(tmpdir(), 'maas-redis-'));

  private constructor(
    private readonly port: number,
    private readonly flags: string[] = [],
  ) {}

  static async start(): Promise<RedisProcess> {
    const redis = new RedisProcess(await freePort());
    await redis.begin();
    return redis;
  }

  /** A cluster of one node that has all the slots. */
  static async startCluster(): Promise<RedisProcess> {
    const port = await freePort();
    const redis = new RedisProcess(port, [
      ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'],
      // One that has met no other node does not know its own address.
      ...['--cluster-announce-ip', '127.0.0.1'],
    ]);
    await redis.begin();
    await answersAt(port, 'CLUSTER ADDSLOTSRANGE 0 16383');
    await until('the cluster is complete', () => answersAt(port, 'CLUSTER INFO', 'cluster_state:ok'));
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async begin(): Promise<void> {
    const own = [
      '--port',
      String(this.port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      this.folder,
    ];
    const child = spawn('redis-server', [...own, ...this.flags], { stdio: 'ignore' });
    this.child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    await until('Redis answers', () => answersAt(this.port));
  }

  async kill9(): Promise<void> {
    if (this.child === undefined) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
    this.child = undefined;
  }

  async dispose(): Promise<void> {
    await this.kill9();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Answers nothing and keeps its connections, as behind a network that swallows everything. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }
}

/**
 * A group of tests that need a real Redis. A machine that has none is told so and does without them; `.ci/run` installs it,
 * and there (`CI`) they may not be missing.
 */
export const describeWithRedis: typeof describe = redisOrNotice();

function redisOrNotice(): typeof describe {
  if (process.env['CI'] !== undefined || spawnSync('redis-server', ['--version']).error === undefined) return describe;
  process.stderr.write('redis-server is not installed: what replicas share by Redis is not tested here\n');
  return describe.skip;
}
