import { bytesAre, type JsonSink, scanJsonObject } from '../platform/json/index.js';
import type { TokenUsage } from '../usage/index.js';
import type { AnswerReader, Reading } from './answer.reader.js';
import { errorEventOf } from './error.event.js';
import type { ModelName } from './model.name.js';
import type { RelayedText, TextKind } from './relayed.text.js';
import { parseTokenUsage, parseUsageWithin } from './usage.parser.js';

const TYPE = Buffer.from('type');
const DELTA = Buffer.from('delta');
const ERROR = Buffer.from('error');
const RESPONSE = Buffer.from('response');
const OUTPUT = Buffer.from('output');
const TEXT = Buffer.from('text');
const USAGE = Buffer.from('usage');
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

/** Where text stands in the output of an answer that is no stream. */
const TEXTS = ['text', 'arguments', 'name', 'refusal'].map(key => Buffer.from(key));

const ENDS: Record<string, Reading> = {
  'response.completed': 'end',
  'response.incomplete': 'end',
  'response.failed': 'failed',
  'image_generation.completed': 'end',
  'speech.audio.done': 'end',
  'transcript.text.done': 'end',
  error: 'error',
};

const kindOf = (type: string): TextKind =>
  type.includes('reasoning') ? 'reasoning' : type.includes('arguments') ? 'call' : 'answer';

/**
 * Reads answers of the Responses API, and those of images and audio, whose events are made alike. Their streams report
 * without being asked, in the event that ends them.
 */
export class ResponsesReader implements AnswerReader, JsonSink {
  private tokens: TokenUsage | undefined;
  private isWhole = false;

  // What was read last.
  private type = '';
  private isError = false;
  private deltaStart = 0;
  private deltaEnd = 0;
  private reported: TokenUsage | undefined;

  readonly errorEvent = errorEventOf;

  constructor(
    readonly text: RelayedText,
    readonly model: ModelName,
  ) {}

  read(data: Buffer): Reading {
    this.scan(data);
    if (this.deltaEnd > 0) this.text.add(kindOf(this.type), data, this.deltaStart, this.deltaEnd);
    return ENDS[this.type] ?? (this.type === '' && this.isError ? 'error' : 'more');
  }

  readWhole(body: Buffer): boolean {
    this.isWhole = true;
    return this.scan(body);
  }

  shown(data: Buffer): Buffer {
    return this.model.renamed(data);
  }

  usage(): TokenUsage | undefined {
    return this.tokens;
  }

  enter(bytes: Buffer, keyStart: number, keyEnd: number): boolean {
    return this.isWhole && bytesAre(bytes, keyStart, keyEnd, OUTPUT);
  }

  string(bytes: Buffer, keyStart: number, keyEnd: number, start: number, end: number): void {
    if (TEXTS.some(key => bytesAre(bytes, keyStart, keyEnd, key))) this.text.add('answer', bytes, start, end);
  }

  member(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    if (bytes[valueStart] === QUOTE) {
      if (this.isWhole && bytesAre(bytes, keyStart, keyEnd, TEXT)) {
        // That of a transcription.
        this.text.add('answer', bytes, valueStart + 1, valueEnd - 1);
      } else if (bytesAre(bytes, keyStart, keyEnd, TYPE)) {
        this.type = bytes.toString('latin1', valueStart + 1, valueEnd - 1);
      } else if (bytesAre(bytes, keyStart, keyEnd, DELTA)) {
        this.deltaStart = valueStart + 1;
        this.deltaEnd = valueEnd - 1;
      } else this.model.member(bytes, keyStart, keyEnd, valueStart, valueEnd);
    } else if (bytes[valueStart] === OPEN_BRACE) {
      const value = () => bytes.subarray(valueStart, valueEnd);
      if (bytesAre(bytes, keyStart, keyEnd, RESPONSE)) {
        this.reported = parseUsageWithin(value());
        this.model.within(bytes, valueStart);
      } else if (bytesAre(bytes, keyStart, keyEnd, USAGE)) this.reported = parseTokenUsage(value());
      else if (bytesAre(bytes, keyStart, keyEnd, ERROR)) this.isError = true;
    }
  }

  private begin(): void {
    this.type = '';
    this.isError = false;
    this.deltaEnd = 0;
    this.reported = undefined;
    this.model.begin();
  }

  private scan(json: Buffer): boolean {
    this.begin();
    const isObject = scanJsonObject(json, 0, this) !== -1;
    if (this.reported !== undefined) {
      this.tokens = this.reported;
      this.text.reported();
    }
    return isObject;
  }
}
