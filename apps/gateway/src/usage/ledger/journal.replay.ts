import { closedJson, decodeRecords, type ReadOpening } from './journal.record.js';
import type { Closing, EndedEntry } from './ledger-entry.js';

/** What was sent if anything was: the process died, and a client saw at most a connection that was cut. */
const INTERRUPTED_STATUS = 503;

/** How an open request ends whose process died: charged as it was estimated, because nobody knows what was served. */
function interruptedEntry({ opened, json }: ReadOpening, lastWrittenAt: Date): EndedEntry {
  const { id, startedAt, estimate } = opened;
  const closing: Closing = {
    firstByteAt: null,
    endedAt: new Date(Math.max(startedAt.getTime(), lastWrittenAt.getTime())),
    upstream: null,
    upstreamModel: null,
    attempts: null,
    outcome: 'interrupted',
    status: INTERRUPTED_STATUS,
    inputTokens: estimate.inputTokens,
    cachedInputTokens: 0,
    outputTokens: estimate.outputTokens,
    reasoningTokens: 0,
    usageSource: 'estimated',
    costMicros: estimate.costMicros,
    bytesOut: 0,
  };
  return { id, startedAt, json: closedJson(json, closing) };
}

/**
 * Reads segments in the order in which they were begun, and keeps of them no more than the requests that were never
 * closed: a journal may be larger than the memory. A record that was carried forward stands in two segments, the closing
 * one always in the later.
 */
export class JournalReplay<Segment> {
  private readonly open = new Map<string, { opening: ReadOpening; segment: Segment }>();

  /** @returns where the closed entries of the segment stand, each once */
  add(segment: Segment, bytes: Buffer): number[] {
    const { opened, closed } = decodeRecords(bytes);
    for (const [id, opening] of opened) this.open.set(id, { opening, segment });
    for (const id of closed.keys()) this.open.delete(id);
    return [...closed.values()];
  }

  /**
   * The requests that were open when the process died, each with the segment that holds it.
   * @param lastWrittenAt when the journal was written last, which is as near as can be told to when they ended
   */
  interrupted(lastWrittenAt: Date): { segment: Segment; entry: EndedEntry }[] {
    return [...this.open.values()].map(({ opening, segment }) => ({
      segment,
      entry: interruptedEntry(opening, lastWrittenAt),
    }));
  }
}
