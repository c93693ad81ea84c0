import { accumulate, type Amounts, amountsOf, NOTHING } from './amounts.js';

/** What the running requests of one subject hold, together and by model. */
export class RunningRequests {
  private readonly all = amountsOf(0);
  private readonly byModel = new Map<string, Amounts>();

  /** @param modelId `null` for all of them */
  held(modelId: string | null): Readonly<Amounts> {
    return modelId === null ? this.all : (this.byModel.get(modelId) ?? NOTHING);
  }

  begin(modelId: string, hold: Amounts): void {
    let held = this.byModel.get(modelId);
    if (held === undefined) this.byModel.set(modelId, (held = amountsOf(0)));
    accumulate(held, hold);
    accumulate(this.all, hold);
  }

  end(modelId: string, hold: Amounts): void {
    const held = this.byModel.get(modelId);
    if (held === undefined) throw new Error('a request ended that had not begun');
    accumulate(held, hold, -1);
    accumulate(this.all, hold, -1);
    if (held.requests === 0) this.byModel.delete(modelId);
  }

  get isEmpty(): boolean {
    return this.byModel.size === 0;
  }
}
