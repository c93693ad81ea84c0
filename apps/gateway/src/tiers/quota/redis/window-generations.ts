import type { WindowKind } from '../window-kinds.js';
import type { RedisConnection } from './redis.connection.js';

/** Until windows are filled; whoever took that on and died has then left it to another. */
const FILLING_MS = 60_000;

const CLAIM = `
local input = cjson.decode(ARGV[1])
local there = redis.call('GET', KEYS[1])
if there then return {there, 0} end
redis.call('SET', KEYS[1], input.generation, 'PX', input.fillingMs)
return {input.generation, 1}`;
const KEEP = `return redis.call('PERSIST', KEYS[1])`;
// Not the one that came after it.
const DROP = `
if redis.call('GET', KEYS[1]) == cjson.decode(ARGV[1]).generation then redis.call('DEL', KEYS[1]) end
return 0`;

const keyOf = ({ windowMs, modelId }: WindowKind): string => `maas:windows:${windowMs}:${modelId ?? ''}`;

/**
 * Which windows Redis has. Each kind has a generation that is a part of its keys: where Redis has lost it, or the kind
 * was given up and came again, there is a new one, with empty windows, and one replica fills them from the ledger.
 */
export class WindowGenerations {
  private readonly known = new Map<WindowKind, string>();

  constructor(private readonly redis: RedisConnection) {}

  /** `undefined` where nobody has claimed the kind yet. */
  of(kind: WindowKind): string | undefined {
    return this.known.get(kind);
  }

  /**
   * Learns the generations of the kinds, and makes those that are missing.
   * @returns those that the caller is to fill, and whether any was lost
   */
  async claim(kinds: readonly WindowKind[]): Promise<{ toFill: WindowKind[]; lost: boolean }> {
    const toFill: WindowKind[] = [];
    let lost = false;
    for (const kind of kinds) {
      const input = { generation: crypto.randomUUID().slice(0, 8), fillingMs: FILLING_MS };
      const [generation, made] = (await this.redis.run(CLAIM, [keyOf(kind)], input)) as [string, number];
      const before = this.known.get(kind);
      if (before !== undefined && before !== generation) lost = true;
      if (made === 1) toFill.push(kind);
      this.known.set(kind, generation);
    }
    return { toFill, lost };
  }

  /** They are filled, for good. */
  async keep(kinds: readonly WindowKind[]): Promise<void> {
    for (const kind of kinds) await this.redis.run(KEEP, [keyOf(kind)], {});
  }

  /** Nobody asks about them any more. */
  async drop(kinds: readonly WindowKind[]): Promise<void> {
    for (const kind of kinds) {
      const generation = this.known.get(kind);
      this.known.delete(kind);
      if (generation !== undefined) await this.redis.run(DROP, [keyOf(kind)], { generation });
    }
  }
}
