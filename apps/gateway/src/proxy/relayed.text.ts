/** Tokens of relayed text; reasoning is part of the output. */
export interface TextCount {
  outputTokens: number;
  reasoningTokens: number;
}

/** Counts a part of the text; `undefined` where it could not. It does not reject. */
export type CountText = (text: Buffer) => Promise<TextCount | undefined>;

/** What kind of text it is: several kinds are never one text, and reasoning is told apart in the count. */
export type TextKind = 'answer' | 'reasoning' | 'call';

/** Between two texts; JSON has no raw control characters in its strings. The second begins a text of reasoning. */
export const TEXT_BREAK = 0x00;
export const REASONING_BREAK = 0x01;

const FIRST_BYTES = 256;
/** What is longer goes to be counted: memory per stream must not grow with its answer. */
export const KEPT_BYTES = 15 * 1024;
/**
 * So many parts of one stream may wait to be counted. Only a flood that no model writes makes more, and it must not
 * keep others waiting.
 */
const MAX_WAITING = 4;
/** Shorter copies are cheaper done by hand than natively. */
const SHORT_BYTES = 32;
/** A piece of text of up to this many bytes is taken for one token, and what is longer for more. */
const PIECE_BYTES = 16;
const BYTES_PER_TOKEN = 4;
const NO_BYTES = Buffer.alloc(0);

/**
 * The text that was passed on since the upstream's last report, kept as the insides of JSON strings just as they came,
 * escapes and all: cheap to keep, and whoever counts can make it readable.
 */
export class RelayedText {
  private bytes = NO_BYTES;
  private length = 0;
  private kind: TextKind | undefined;
  /** What the parts came to, or will, that were too long to keep. */
  private earlier: Promise<TextCount | undefined> | undefined;
  private waiting = 0;
  /** Tokens, for want of any count: one for each piece, and more for what is longer than a token usually is. */
  estimate = 0;

  /**
   * @param count takes what has become longer than is kept
   * @param keptBytes how much is kept
   * @param apart every piece is a text of its own, because several answers take turns
   */
  constructor(
    private readonly count: CountText,
    private readonly keptBytes = KEPT_BYTES,
    private readonly apart = false,
  ) {}

  /** Whether nothing was passed on since the upstream's last report. */
  get isEmpty(): boolean {
    return this.length === 0 && this.earlier === undefined;
  }

  add(kind: TextKind, source: Buffer, start: number, end: number): void {
    const added = end - start;
    if (added <= 0) return;
    this.estimate += 1 + Math.floor(Math.max(0, added - PIECE_BYTES) / BYTES_PER_TOKEN);
    if (this.length + added + 1 > this.bytes.length) this.makeRoom(added + 1);
    if (kind !== this.kind || this.apart || this.length === 0) {
      this.bytes[this.length++] = kind === 'reasoning' ? REASONING_BREAK : TEXT_BREAK;
      this.kind = kind;
    }
    if (added > SHORT_BYTES) source.copy(this.bytes, this.length, start, end);
    else for (let i = 0; i < added; i++) this.bytes[this.length + i] = source[start + i] ?? 0;
    this.length += added;
    if (this.length >= this.keptBytes) this.handOver();
  }

  /**
   * What all of it comes to.
   * @param last the count of what is still kept
   * @returns `undefined` where a part of it could not be counted
   */
  async counted(last: TextCount | undefined): Promise<TextCount | undefined> {
    const { earlier } = this;
    return earlier === undefined ? last : sumOf(await earlier, last);
  }

  /** Takes what is kept. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = NO_BYTES;
    this.length = 0;
    return taken;
  }

  /** The upstream has reported all that was passed on until now. */
  reported(): void {
    this.length = 0;
    this.earlier = undefined;
    this.estimate = 0;
  }

  private handOver(): void {
    const part = this.take();
    const { earlier } = this;
    if (this.waiting === MAX_WAITING) {
      this.earlier = Promise.resolve(undefined);
      return;
    }
    this.waiting++;
    const count = this.count(part).finally(() => this.waiting--);
    this.earlier =
      earlier === undefined ? count : Promise.all([earlier, count]).then(([one, other]) => sumOf(one, other));
  }

  private makeRoom(bytes: number): void {
    // A stream lasts: of Node's pool, its few bytes would keep 8 KB each.
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, this.bytes.length * 2, this.length + bytes));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

const sumOf = (one: TextCount | undefined, other: TextCount | undefined): TextCount | undefined =>
  one &&
  other && {
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
  };
