import { type Amounts, amountOf } from './amounts.js';
import type { SlidingWindow } from './sliding-window.js';
import type { LimitState, TierLimit, Unit } from './tier-limit.js';

/** How long to wait for a slot: nobody knows when a running request ends. */
export const SLOT_RETRY_MS = 1000;

/** What a limit is held against: one subject's use in its window, and what their running requests hold. */
export interface Standing {
  limit: TierLimit;
  /** `undefined` for slots. */
  window: SlidingWindow | undefined;
  held: Readonly<Amounts>;
}

/** A request is counted when it is admitted; all else of it is only held until it is known. */
const heldOf = (unit: Unit, held: Readonly<Amounts>): number => (unit === 'requests' ? 0 : amountOf(unit, held));

const usedOf = ({ limit, window }: Standing, nowMs: number): number =>
  window === undefined ? 0 : amountOf(limit.unit, window.used(nowMs));

/** Less than nothing where running requests may come to more than there is. */
export const leftOf = (standing: Standing, nowMs: number): number =>
  standing.limit.limit - usedOf(standing, nowMs) - heldOf(standing.limit.unit, standing.held);

/** @param held by running requests; what they may come to beyond what is left is not told */
export function stateFrom(limit: TierLimit, used: number, held: number, resetMs: number): LimitState {
  const left = Math.max(0, limit.limit - used);
  const reserved = Math.min(left, held);
  return { limit, used, reserved, remaining: left - reserved, resetMs };
}

export function stateOf(standing: Standing, nowMs: number): LimitState {
  const { limit, window } = standing;
  const state = stateFrom(limit, usedOf(standing, nowMs), heldOf(limit.unit, standing.held), 0);
  if (window === undefined) return state;
  const emptyAt = state.reserved > 0 ? window.leavesAfter(nowMs) : window.fallsTo(nowMs, limit.unit, 0);
  state.resetMs = emptyAt - nowMs;
  return state;
}

/** How long until `need` is left, if nothing more is used; 0 where it is now, and infinite where it never can be. */
export function waitMs(standing: Standing, need: number, nowMs: number): number {
  const { limit, window, held } = standing;
  if (leftOf(standing, nowMs) >= need) return 0;
  if (need > limit.limit) return Number.POSITIVE_INFINITY;
  if (window === undefined) return SLOT_RETRY_MS;
  const mayStay = limit.limit - need - heldOf(limit.unit, held);
  // What is held may be used any moment; it then leaves a whole window later.
  return (mayStay < 0 ? window.leavesAfter(nowMs) : window.fallsTo(nowMs, limit.unit, mayStay)) - nowMs;
}
