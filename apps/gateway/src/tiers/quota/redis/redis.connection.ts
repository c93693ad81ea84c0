import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';

const CONNECT_TIMEOUT_MS = 1000;
const OPEN_MS = 3000;
/** A request waits this long for its decision, and then the fallback decides. */
const COMMAND_TIMEOUT_MS = 500;
const MAX_RECONNECT_MS = 500;

/** Protocols of a cluster, beside what they are for one of its nodes. */
const NODE_PROTOCOLS: Record<string, string> = { 'redis+cluster:': 'redis:', 'rediss+cluster:': 'rediss:' };

const options = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: COMMAND_TIMEOUT_MS,
  // What cannot be asked now is decided otherwise, now.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, MAX_RECONNECT_MS),
};

function connect(url: string): Redis | Cluster {
  const protocol = NODE_PROTOCOLS[new URL(url).protocol];
  if (protocol === undefined) return new Redis(url, { ...options, lazyConnect: true });
  const { hostname, port, username, password } = new URL(url);
  return new Cluster([{ host: hostname, port: Number(port || 6379) }], {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: options.retryStrategy,
    redisOptions: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      username: username === '' ? undefined : decodeURIComponent(username),
      password: password === '' ? undefined : decodeURIComponent(password),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  });
}

/** A connection to Redis or Valkey that comes back by itself. Whatever is asked meanwhile is rejected at once. */
export class RedisConnection {
  private readonly client: Redis | Cluster;
  private readonly digests = new Map<string, string>();

  /** @param url `redis:` or `rediss:`, with `+cluster` where it is a node of a cluster */
  constructor(url: string) {
    this.client = connect(url);
    // Without a listener an error would end the process; whoever asks is told of it anyway.
    this.client.on('error', () => undefined);
  }

  /** Resolves when the first attempt has come to something, or takes too long; the next ones follow by themselves. */
  async open(): Promise<void> {
    const given = new AbortController();
    const failed = (): undefined => undefined;
    await Promise.race([
      this.client.connect().catch(failed),
      delay(OPEN_MS, undefined, { signal: given.signal }).catch(failed),
    ]);
    given.abort();
  }

  close(): void {
    this.client.disconnect();
  }

  /** Runs a script as one step; `input` is its one argument, as JSON. @throws Error where Redis cannot be asked */
  async run(script: string, keys: string[], input: unknown): Promise<unknown> {
    let digest = this.digests.get(script);
    if (digest === undefined) this.digests.set(script, (digest = createHash('sha1').update(script).digest('hex')));
    const text = JSON.stringify(input);
    try {
      return await this.client.evalsha(digest, keys.length, ...keys, text);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.client.eval(script, keys.length, ...keys, text);
    }
  }
}
