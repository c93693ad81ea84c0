import { accumulate, type Amounts, amountsOf } from '../amounts.js';

/** What one subject used of one model. */
export interface Owed {
  subject: string;
  modelId: string;
  amounts: Amounts;
}

/** What was used while Redis could not be told. Bounded by the subjects and models, not by the requests. */
export class OwedUse {
  private owed = new Map<string, Owed>();

  add(subject: string, modelId: string, amounts: Amounts): void {
    const key = JSON.stringify([subject, modelId]);
    let one = this.owed.get(key);
    if (one === undefined) this.owed.set(key, (one = { subject, modelId, amounts: amountsOf(0) }));
    accumulate(one.amounts, amounts);
  }

  /** Takes all of it out. */
  takeAll(): Owed[] {
    const all = [...this.owed.values()];
    this.owed = new Map();
    return all;
  }
}
