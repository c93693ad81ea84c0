/**
 * Counts the bytes of request bodies that the process holds, and says when there is no room for more. Clients decide how
 * many bodies they send at a time; without a bound they would decide how much memory the process takes.
 */
export class HeldBytes {
  private bytes = 0;

  /** @param maxBytes bytes of bodies that may be held at a time */
  constructor(private readonly maxBytes: number) {}

  /** Bytes held now. */
  get total(): number {
    return this.bytes;
  }

  /** Counts further bytes as held. @returns false, with nothing counted, where there is no room for them */
  tryHold(bytes: number): boolean {
    if (this.bytes + bytes > this.maxBytes) return false;
    this.bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.bytes -= bytes;
  }
}
