const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** From a moment on, and before another; milliseconds since the epoch. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** A time, cut into what is summed up already and what is not. The spans of all three touch and do not overlap. */
export interface UsageRange {
  /** Whole days in UTC. */
  days: Span[];
  /** Whole hours. */
  hours: Span[];
  /** The parts of hours at the two ends. */
  rest: Span[];
}

const span = (fromMs: number, toMs: number): Span[] => (fromMs < toMs ? [{ fromMs, toMs }] : []);
const ceil = (ms: number, stepMs: number): number => Math.ceil(ms / stepMs) * stepMs;
const floor = (ms: number, stepMs: number): number => Math.floor(ms / stepMs) * stepMs;

/** Cuts a time into whole days, whole hours and the rest; where hours are told apart, into hours and the rest. */
export function cutRange({ fromMs, toMs }: Span, hourly: boolean): UsageRange {
  const first = ceil(fromMs, HOUR_MS);
  const last = floor(toMs, HOUR_MS);
  if (first > last) return { days: [], hours: [], rest: span(fromMs, toMs) };
  const rest = [...span(fromMs, first), ...span(last, toMs)];
  const firstDay = ceil(first, DAY_MS);
  const lastDay = floor(last, DAY_MS);
  if (hourly || firstDay >= lastDay) return { days: [], hours: span(first, last), rest };
  return { days: span(firstDay, lastDay), hours: [...span(first, firstDay), ...span(lastDay, last)], rest };
}

/** The beginning of the hour of the moment. */
export const hourBefore = (ms: number): number => floor(ms, HOUR_MS);

/** The moment, or the beginning of the next hour where it is within one. */
export const hourAfter = (ms: number): number => ceil(ms, HOUR_MS);

/** The hours that the spans begin in, by their beginnings. */
export const hoursOf = (spans: readonly Span[]): number[] => [
  ...new Set(spans.map(({ fromMs }) => hourBefore(fromMs))),
];
