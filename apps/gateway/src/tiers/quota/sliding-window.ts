import { accumulate, type Amounts, amountOf, amountsOf } from './amounts.js';
import type { Unit } from './tier-limit.js';

interface Part {
  readonly index: number;
  readonly amounts: Amounts;
}

/** A window is kept in this many parts; what was used leaves with its part, so at most 1/60 of the window late. */
const PARTS = 60;

/** The length of a window's part, in milliseconds. */
export const partMsOf = (windowMs: number): number => Math.max(1, Math.floor(windowMs / PARTS));

/**
 * What was used in the last `windowMs` milliseconds. It errs towards refusing, by at most 1/60 of the window: in no
 * interval of the window's length, wherever it begins, was more used than {@link used} told. Time is an argument, in
 * milliseconds on any one monotonic scale. Memory is bounded by the number of parts.
 */
export class SlidingWindow {
  private readonly parts: Part[] = [];
  private readonly partMs: number;
  private total = amountsOf(0);

  constructor(readonly windowMs: number) {
    this.partMs = partMsOf(windowMs);
  }

  /** Uses up, at `atMs`. What is older than what is there already goes where it belongs in time. */
  add(atMs: number, amounts: Amounts): void {
    const part = this.partAt(Math.floor(atMs / this.partMs));
    accumulate(part.amounts, amounts);
    accumulate(this.total, amounts);
    const newest = this.parts.at(-1);
    // Here too, because a window that is only ever added to must not grow.
    if (newest !== undefined) this.dropWhatLeft(newest.index * this.partMs);
  }

  used(nowMs: number): Readonly<Amounts> {
    this.dropWhatLeft(nowMs);
    return this.total;
  }

  isEmpty(nowMs: number): boolean {
    this.dropWhatLeft(nowMs);
    return this.parts.length === 0;
  }

  /** When no more than `amount` of the unit is in use, if nothing is added: a time at or after `nowMs`. */
  fallsTo(nowMs: number, unit: Unit, amount: number): number {
    this.dropWhatLeft(nowMs);
    let stays = 0;
    // From the newest on, because nearly always the question is when all of it has left.
    for (let at = this.parts.length - 1; at >= 0; at--) {
      const part = this.parts[at];
      if (part === undefined) break;
      stays += amountOf(unit, part.amounts);
      if (stays > amount) return this.leavesAt(part.index);
    }
    return nowMs;
  }

  /** When what is added at `nowMs` leaves. */
  leavesAfter(nowMs: number): number {
    return this.leavesAt(Math.floor(nowMs / this.partMs));
  }

  private leavesAt(index: number): number {
    return (index + 1) * this.partMs + this.windowMs;
  }

  private partAt(index: number): Part {
    let place = this.parts.length;
    let before = this.parts[place - 1];
    while (before !== undefined && before.index > index) before = this.parts[--place - 1];
    if (before?.index === index) return before;
    const part = { index, amounts: amountsOf(0) };
    this.parts.splice(place, 0, part);
    return part;
  }

  private dropWhatLeft(nowMs: number): void {
    const oldest = this.parts[0];
    if (oldest === undefined || this.leavesAt(oldest.index) > nowMs) return;
    const stays = this.parts.findIndex(({ index }) => this.leavesAt(index) > nowMs);
    this.parts.splice(0, stays === -1 ? this.parts.length : stays);
    // Summed up anew, so that no rounding of huge amounts outlives them.
    this.total = amountsOf(0);
    for (const { amounts } of this.parts) accumulate(this.total, amounts);
  }
}
