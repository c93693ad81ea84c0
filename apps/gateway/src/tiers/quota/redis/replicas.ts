import type { RedisConnection } from './redis.connection.js';

/** Whoever has not been heard of for so long is gone. */
const GONE_MS = 5000;

const KEY = 'maas:replicas';
const BEAT = `
local input = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, input.id)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - input.goneMs)
return redis.call('ZCARD', KEYS[1])`;
const LEAVE = `return redis.call('ZREM', KEYS[1], cjson.decode(ARGV[1]).id)`;

/** How many gateways share the counters. */
export class Replicas {
  private readonly id = crypto.randomUUID();
  private last = 1;

  constructor(private readonly redis: RedisConnection) {}

  /** As far as was known when Redis could last be asked. */
  get count(): number {
    return this.last;
  }

  /** Tells that this one lives. @throws Error where Redis cannot be asked */
  async beat(): Promise<void> {
    this.last = Math.max(1, Number(await this.redis.run(BEAT, [KEY], { id: this.id, goneMs: GONE_MS })));
  }

  async leave(): Promise<void> {
    await this.redis.run(LEAVE, [KEY], { id: this.id });
  }
}
