/** What was seen of streams while it was measured; times in milliseconds. */
export class StreamSamples {
  /** From the question to the first byte of its answer. */
  readonly firstByteMs: number[] = [];
  /** Between an event and the next of the same stream. */
  readonly gapMs: number[] = [];
  /** From the upstream's write to the client's read, of each event. */
  readonly delayMs: number[] = [];
  /** Reads in which there were events: as many as events, where none were joined on their way. */
  reads = 0;

  get events(): number {
    return this.delayMs.length;
  }
}
