import {
  bytesAre,
  JsonKeys,
  type JsonSink,
  scanJsonObject,
  withMember,
  withoutMember,
} from '../platform/json/index.js';
import type { TokenUsage } from '../usage/index.js';
import type { AnswerReader, Reading, UsageWish } from './answer.reader.js';
import { errorEventOf } from './error.event.js';
import type { ModelName } from './model.name.js';
import type { RelayedText, TextKind } from './relayed.text.js';
import { usageFieldsIn } from './usage.fields.js';
import { tokenUsageOf } from './usage.parser.js';

const USAGE = Buffer.from('usage');
const CHOICES = Buffer.from('choices');
const ERROR = Buffer.from('error');
const NULL = Buffer.from('null');
const EMPTY = Buffer.from('[]');
const OPEN_BRACE = 0x7b;

/** Where text stands in a choice, streamed or not. */
const TEXTS = new JsonKeys<{ kind: TextKind; key: string }>(
  (
    [
      ['content', 'answer'],
      ['text', 'answer'],
      ['reasoning_content', 'reasoning'],
      ['reasoning', 'reasoning'],
      ['arguments', 'call'],
      ['name', 'call'],
      ['refusal', 'answer'],
    ] as const
  ).map(([key, kind]) => [key, { kind, key }]),
);

/** Reads chat completions, completions, embeddings, and all else that answers with one JSON object. */
export class CompletionReader implements AnswerReader, JsonSink {
  /** The first report, or the latest that was asked for. */
  private known: TokenUsage | undefined;
  /** A later report, read only when it is asked for: some upstreams report on each event. */
  private unread: Buffer | undefined;
  private believed = false;
  private gathersText = true;
  /** Some servers send their reasoning twice, by its old name and its new one; it is counted by the one seen first. */
  private reasoningKey: string | undefined;

  // What was read last; offsets are of its bytes.
  private failed = false;
  private choicesAreEmpty = false;
  private reported = false;
  private usages = 0;
  private usageIsNull = false;
  private usageEnd = 0;
  /** Where the member before the usage ended. */
  private usageFrom = 0;
  private previousEnd = 0;
  private objectEnd = -1;

  readonly errorEvent = errorEventOf;

  constructor(
    readonly text: RelayedText,
    readonly model: ModelName,
    private readonly usageOf = tokenUsageOf,
  ) {}

  read(data: Buffer): Reading {
    this.scan(data);
    return this.failed ? 'error' : 'more';
  }

  readWhole(body: Buffer): boolean {
    // Of an answer that reports itself, nobody asks for the text.
    this.gathersText = false;
    this.scan(body);
    this.gathersText = true;
    if (!this.reported && this.objectEnd !== -1) this.scan(body);
    return this.objectEnd !== -1;
  }

  shown(data: Buffer, wish: UsageWish): Buffer | undefined {
    const { model } = this;
    if (this.objectEnd === -1) return data;
    if (this.usages === 0) return model.renamed(data);
    if (this.reported && this.choicesAreEmpty) return wish.include ? model.renamed(data) : undefined;
    if (wish.include) {
      const renamed = model.renamed(data);
      return wish.continuous || this.usageIsNull ? renamed : withMember(renamed, 'usage', 'null');
    }
    const isLast = this.usageEnd === this.objectEnd - 1 && this.usageFrom > 0;
    if (this.usages > 1 || !isLast) return withoutMember(model.renamed(data), 'usage');
    return model.renamedWithout(data, this.usageFrom, this.usageEnd);
  }

  usage(): TokenUsage | undefined {
    if (this.unread !== undefined) this.known = this.usageOf(usageFieldsIn(this.unread));
    this.unread = undefined;
    return this.known;
  }

  enter(bytes: Buffer, keyStart: number, keyEnd: number): boolean {
    return this.gathersText && bytesAre(bytes, keyStart, keyEnd, CHOICES);
  }

  string(bytes: Buffer, keyStart: number, keyEnd: number, start: number, end: number): void {
    const known = TEXTS.at(bytes, keyStart, keyEnd);
    if (known === undefined) return;
    const { kind, key } = known;
    if (kind === 'reasoning') this.reasoningKey ??= key;
    if (kind !== 'reasoning' || key === this.reasoningKey) this.text.add(kind, bytes, start, end);
  }

  member(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    if (bytesAre(bytes, keyStart, keyEnd, USAGE)) {
      this.usages++;
      this.usageFrom = this.previousEnd;
      this.usageEnd = valueEnd;
      this.usageIsNull = bytesAre(bytes, valueStart, valueEnd, NULL);
      if (bytes[valueStart] === OPEN_BRACE) this.report(bytes.subarray(valueStart, valueEnd));
    } else if (bytesAre(bytes, keyStart, keyEnd, CHOICES)) {
      this.choicesAreEmpty = bytesAre(bytes, valueStart, valueEnd, EMPTY);
    } else if (bytesAre(bytes, keyStart, keyEnd, ERROR)) {
      this.failed = !bytesAre(bytes, valueStart, valueEnd, NULL);
    } else this.model.member(bytes, keyStart, keyEnd, valueStart, valueEnd);
    this.previousEnd = valueEnd;
  }

  private scan(json: Buffer): void {
    this.begin();
    this.objectEnd = scanJsonObject(json, 0, this);
    // Only now, because the text of the same event may stand before its report or after it.
    if (this.reported) this.text.reported();
  }

  private begin(): void {
    this.failed = false;
    this.choicesAreEmpty = false;
    this.reported = false;
    this.usages = 0;
    this.previousEnd = 0;
    this.model.begin();
  }

  private report(usage: Buffer): void {
    // Once an upstream has told what can be read, it is believed to go on so.
    if (!this.believed) {
      this.known = this.usageOf(usageFieldsIn(usage));
      if (this.known === undefined) return;
      this.believed = true;
    } else this.unread = Buffer.from(usage);
    this.reported = true;
  }
}
