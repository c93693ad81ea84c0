const POLL_MS = 25;

/**
 * Waits until `probe` gives something truthy, and hands it out.
 * @throws Error naming `what` when `deadlineMs` milliseconds have passed
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found) return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`in ${deadlineMs} ms it did not come to this: ${what}`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
