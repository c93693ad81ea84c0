import type { TokenUsage } from '../usage/index.js';
import { topLevelMembers, withMember, withoutMember } from '../platform/json/index.js';
import { dataOf, SseSplitter } from './sse.splitter.js';
import { parseTokenUsage } from './usage.parser.js';

/** What the client asked of usage in a stream; the rest is taken out again. */
export interface UsageWish {
  /** A chunk with the usage at the end. */
  include: boolean;
  /** The usage so far on each chunk. */
  continuous: boolean;
}

const DONE = Buffer.from('[DONE]');
const USAGE = Buffer.from('"usage"');
const CHOICES_EMPTY = Buffer.from('[]');
/** What an event has around its text, generously. */
const ENVELOPE_BYTES = 400;
const BYTES_PER_TOKEN = 4;
const NO_BYTES = Buffer.alloc(0);

/** Reads the events of a stream as they pass, remembers the last usage, and hides what the client did not ask for. */
export class StreamTap {
  private readonly splitter = new SseSplitter();
  private lastUsage: Buffer | undefined;
  /** Tokens that were passed on, for want of a report: one for each event, and more for what is longer than usual. */
  outputEstimate = 0;
  done = false;

  constructor(private readonly wish: UsageWish) {}

  /** @returns the bytes to pass on; `final` are those from `[DONE]` on, which wait until the request is settled */
  push(chunk: Buffer): { bytes: Buffer; final: Buffer } {
    const kept: Buffer[] = [];
    const final: Buffer[] = [];
    for (const event of this.splitter.push(chunk)) {
      if (this.done) final.push(event);
      else if (this.isDone(event)) final.push(event);
      else kept.push(this.pass(event));
    }
    return { bytes: kept.length === 1 ? (kept[0] ?? NO_BYTES) : Buffer.concat(kept), final: Buffer.concat(final) };
  }

  /** The upstream's own count, as far as it was told. */
  usage(): TokenUsage | undefined {
    return this.lastUsage && parseTokenUsage(this.lastUsage);
  }

  private estimate(event: Buffer): void {
    this.outputEstimate += 1 + Math.floor(Math.max(0, event.length - ENVELOPE_BYTES) / BYTES_PER_TOKEN);
  }

  private isDone(event: Buffer): boolean {
    if (!event.includes(DONE)) return false;
    this.done = dataOf(event)?.equals(DONE) ?? false;
    return this.done;
  }

  private pass(event: Buffer): Buffer {
    if (!event.includes(USAGE)) {
      this.estimate(event);
      return event;
    }
    const data = dataOf(event);
    const members = data === undefined ? undefined : topLevelMembers(data);
    const usage = members?.find(member => member.key === 'usage');
    if (data === undefined || members === undefined || usage === undefined) return event;
    const value = data.subarray(usage.valueStart, usage.valueEnd);
    const reported = value[0] === 0x7b;
    if (reported) this.lastUsage = Buffer.from(value);
    const choices = members.find(member => member.key === 'choices');
    const isUsageChunk =
      reported && choices !== undefined && data.subarray(choices.valueStart, choices.valueEnd).equals(CHOICES_EMPTY);
    if (isUsageChunk) return this.wish.include ? event : NO_BYTES;
    this.estimate(event);
    if (!this.wish.include) return eventOf(withoutMember(data, 'usage'));
    return this.wish.continuous || !reported ? event : eventOf(withMember(data, 'usage', 'null'));
  }
}

const eventOf = (data: Buffer): Buffer => Buffer.concat([Buffer.from('data: '), data, Buffer.from('\n\n')]);
