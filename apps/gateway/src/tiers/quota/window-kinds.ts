import { covers, type TierLimit } from './tier-limit.js';

/** Windows of one length over requests of one model, or of all. Limits of any unit and tier share them. */
export interface WindowKind {
  readonly windowMs: number;
  readonly modelId: string | null;
}

const keyOf = (windowMs: number, modelId: string | null): string => `${windowMs} ${modelId ?? ''}`;

/**
 * The windows that any limit of any tier asks about. Each request is recorded in all of them, whatever its caller's
 * tier is now: whoever is moved to another tier finds there what they have used.
 */
export class WindowKinds {
  private kinds = new Map<string, WindowKind>();
  private readonly byModel = new Map<string, WindowKind[]>();
  /** By the limit itself, which the data plane asks for several times a request. */
  private byLimit = new WeakMap<TierLimit, WindowKind>();

  /** The kind that the limit is about; `undefined` for slots, which have no window. */
  of(limit: TierLimit): WindowKind | undefined {
    const { windowMs, modelId } = limit;
    if (windowMs === null) return undefined;
    const known = this.byLimit.get(limit);
    if (known !== undefined) return known;
    const key = keyOf(windowMs, modelId);
    let kind = this.kinds.get(key);
    if (kind === undefined) {
      this.kinds.set(key, (kind = { windowMs, modelId }));
      this.byModel.clear();
    }
    this.byLimit.set(limit, kind);
    return kind;
  }

  /** Those that a request of the model is recorded in. */
  covering(modelId: string): readonly WindowKind[] {
    let kinds = this.byModel.get(modelId);
    if (kinds === undefined) {
      kinds = [...this.kinds.values()].filter(kind => covers(kind, modelId));
      this.byModel.set(modelId, kinds);
    }
    return kinds;
  }

  /** Whether it is still asked about. One that was given up and came again is another, with a history to be filled. */
  has(kind: WindowKind): boolean {
    return this.kinds.get(keyOf(kind.windowMs, kind.modelId)) === kind;
  }

  all(): WindowKind[] {
    return [...this.kinds.values()];
  }

  /** Goes on with the windows of these limits alone. @returns those that were not there before */
  keepOnly(limits: readonly TierLimit[]): WindowKind[] {
    const before = this.kinds;
    this.kinds = new Map();
    this.byModel.clear();
    this.byLimit = new WeakMap();
    for (const { windowMs, modelId } of limits) {
      if (windowMs === null) continue;
      const key = keyOf(windowMs, modelId);
      this.kinds.set(key, before.get(key) ?? { windowMs, modelId });
    }
    return [...this.kinds].flatMap(([key, kind]) => (before.has(key) ? [] : [kind]));
  }
}
