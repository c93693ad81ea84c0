/** The beginning of the month that holds the moment, in UTC: what tells the partitions of the ledger apart. */
export function monthOf(moment: Date): Date {
  return new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth()));
}

/** The beginnings of the month that holds the moment and of the `ahead` months after it. */
export function monthsFrom(moment: Date, ahead: number): Date[] {
  return Array.from(
    { length: ahead + 1 },
    (_, index) => new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + index)),
  );
}
