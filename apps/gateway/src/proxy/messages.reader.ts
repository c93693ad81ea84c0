import { type ApiError, messagesErrorOf } from '../platform/errors/index.js';
import { bytesAre, JsonKeys, type JsonSink, keysNamed, scanJsonObject } from '../platform/json/index.js';
import type { TokenUsage } from '../usage/index.js';
import type { AnswerReader, Reading } from './answer.reader.js';
import type { ModelName } from './model.name.js';
import type { RelayedText, TextKind } from './relayed.text.js';
import { parseTokenUsage, parseUsageWithin } from './usage.parser.js';

const TYPE = Buffer.from('type');
const ERROR = Buffer.from('error');
const USAGE = Buffer.from('usage');
const MESSAGE = Buffer.from('message');
const STOP = Buffer.from('"message_stop"');
const OPEN_BRACE = 0x7b;

/** What holds text: an event's delta, a block that begins, and the blocks of an answer that is no stream. */
const HOLDERS = keysNamed(['delta', 'content_block', 'content']);
const TEXTS = new JsonKeys<TextKind>([
  ['text', 'answer'],
  ['thinking', 'reasoning'],
  ['partial_json', 'call'],
  ['name', 'call'],
]);

/** Reads answers of Anthropic's Messages API: the input is reported at the start, the output so far near the end. */
export class MessagesReader implements AnswerReader, JsonSink {
  private tokens: TokenUsage | undefined;

  // What was read last.
  private hasStopped = false;
  private hasFailed = false;
  private hasReported = false;

  constructor(
    readonly text: RelayedText,
    readonly model: ModelName,
  ) {}

  read(data: Buffer): Reading {
    this.scan(data);
    if (this.hasFailed) return 'error';
    return this.hasStopped ? 'end' : 'more';
  }

  errorEvent(error: ApiError): string {
    return `event: error\ndata: ${JSON.stringify(messagesErrorOf(error))}\n\n`;
  }

  readWhole(body: Buffer): boolean {
    return this.scan(body);
  }

  shown(data: Buffer): Buffer {
    return this.model.renamed(data);
  }

  usage(): TokenUsage | undefined {
    return this.tokens;
  }

  enter(bytes: Buffer, keyStart: number, keyEnd: number): boolean {
    return HOLDERS.at(bytes, keyStart, keyEnd) !== undefined;
  }

  string(bytes: Buffer, keyStart: number, keyEnd: number, start: number, end: number): void {
    const kind = TEXTS.at(bytes, keyStart, keyEnd);
    if (kind !== undefined) this.text.add(kind, bytes, start, end);
  }

  member(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    if (bytesAre(bytes, keyStart, keyEnd, TYPE)) {
      this.hasStopped = bytesAre(bytes, valueStart, valueEnd, STOP);
    } else if (bytes[valueStart] === OPEN_BRACE) {
      const value = () => bytes.subarray(valueStart, valueEnd);
      if (bytesAre(bytes, keyStart, keyEnd, MESSAGE)) {
        this.start(parseUsageWithin(value()));
        this.model.within(bytes, valueStart);
      } else if (bytesAre(bytes, keyStart, keyEnd, USAGE)) this.report(parseTokenUsage(value()));
      else if (bytesAre(bytes, keyStart, keyEnd, ERROR)) this.hasFailed = true;
    } else this.model.member(bytes, keyStart, keyEnd, valueStart, valueEnd);
  }

  private begin(): void {
    this.hasStopped = false;
    this.hasFailed = false;
    this.hasReported = false;
    this.model.begin();
  }

  /** The output that is told at the start is that of a text which is yet to come, and is counted then. */
  private start(usage: TokenUsage | undefined): void {
    if (usage !== undefined) this.tokens = { ...usage, outputTokens: 0, reasoningTokens: 0 };
  }

  private report(usage: TokenUsage | undefined): void {
    if (usage === undefined) return;
    // Later reports are of the whole, but may leave the input out.
    const { inputTokens, cachedInputTokens } = usage.inputTokens > 0 ? usage : (this.tokens ?? usage);
    this.tokens = { ...usage, inputTokens, cachedInputTokens };
    this.hasReported = true;
  }

  private scan(json: Buffer): boolean {
    this.begin();
    const isObject = scanJsonObject(json, 0, this) !== -1;
    if (this.hasReported) this.text.reported();
    return isObject;
  }
}
