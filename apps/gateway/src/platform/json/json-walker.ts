import { escapeLength, isBareScalar } from './json-scalar.js';
import { isSpace, JSON_MAX_DEPTH } from './json-scan.js';

/**
 * Receives the tokens of a JSON text in their order. Offsets are of the bytes. `depth` is the number of containers that are
 * open around the token: 0 for the outermost value, 1 for the members of an outermost object.
 */
export interface JsonVisitor {
  /** @param start offset after the key's opening quote; `end` is that of its closing quote */
  key(bytes: Buffer, start: number, end: number, depth: number): void;
  /** A string with its quotes, a number or a literal. */
  scalar(bytes: Buffer, start: number, end: number, depth: number): void;
  open(bytes: Buffer, start: number, isObject: boolean, depth: number): void;
  /** @param end offset after the closing bracket */
  close(bytes: Buffer, end: number, isObject: boolean, depth: number): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const FIRST_PRINTABLE = 0x20;

/** A longer number is malformed here. Its check takes one step, which must stay short. */
const MAX_NUMBER_BYTES = 4096;

/** What may come next. The string states are the last, so that one comparison tells them. */
const enum State {
  Value,
  ValueOrClose,
  Key,
  KeyOrClose,
  Colon,
  CommaOrClose,
  End,
  Malformed,
  InValueString,
  InKeyString,
}

/**
 * Reads a JSON text in steps of bounded length, so that a text of any allowed size and shape can be read without holding the
 * event loop. It keeps no copy of the text and makes no objects of it. It accepts exactly what `JSON.parse` accepts, with
 * two bounds: 128 levels of nesting and numbers of 4,096 bytes.
 */
export class JsonWalker {
  private at = 0;
  private depth = 0;
  private state: State = State.Value;
  private stringStart = 0;
  /** Whether each of the open containers is an object. */
  private readonly inObject = new Uint8Array(JSON_MAX_DEPTH + 1);

  constructor(
    private readonly bytes: Buffer,
    private readonly visitor: JsonVisitor,
  ) {}

  /** Whether the text was one whole JSON value. Known when {@link step} has returned true. */
  get isWhole(): boolean {
    return this.state === State.End;
  }

  /**
   * Reads on for some `maxBytes` bytes.
   * @returns whether the text has been read to its end, or to the place where it is malformed
   */
  step(maxBytes: number): boolean {
    const { bytes, visitor, inObject } = this;
    const until = Math.min(bytes.length, this.at + maxBytes);
    let { at, state } = this;
    while (at < until) {
      const byte = bytes[at] ?? 0;
      if (state >= State.InValueString) {
        at = this.afterStringBytes(at, until);
        if (at === -1) return this.stop(State.Malformed);
        if (at >= until || bytes[at] !== QUOTE) break;
        at++;
        if (state === State.InKeyString) {
          visitor.key(bytes, this.stringStart, at - 1, this.depth);
          state = State.Colon;
        } else {
          visitor.scalar(bytes, this.stringStart - 1, at, this.depth);
          state = this.depth === 0 ? State.End : State.CommaOrClose;
        }
      } else if (isSpace(byte)) {
        at++;
      } else if (byte === QUOTE) {
        if (state > State.KeyOrClose) return this.stop(State.Malformed);
        state = state <= State.ValueOrClose ? State.InValueString : State.InKeyString;
        at++;
        this.stringStart = at;
      } else if (byte === COLON) {
        if (state !== State.Colon) return this.stop(State.Malformed);
        state = State.Value;
        at++;
      } else if (byte === COMMA) {
        if (state !== State.CommaOrClose) return this.stop(State.Malformed);
        state = inObject[this.depth] === 1 ? State.Key : State.Value;
        at++;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (state > State.ValueOrClose || this.depth === JSON_MAX_DEPTH) return this.stop(State.Malformed);
        const isObject = byte === OPEN_BRACE;
        visitor.open(bytes, at, isObject, this.depth);
        this.depth++;
        inObject[this.depth] = isObject ? 1 : 0;
        state = isObject ? State.KeyOrClose : State.ValueOrClose;
        at++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        const isObject = byte === CLOSE_BRACE;
        const isEmpty = state === (isObject ? State.KeyOrClose : State.ValueOrClose);
        const mayClose = isEmpty || (state === State.CommaOrClose && (inObject[this.depth] === 1) === isObject);
        if (!mayClose) return this.stop(State.Malformed);
        this.depth--;
        at++;
        visitor.close(bytes, at, isObject, this.depth);
        state = this.depth === 0 ? State.End : State.CommaOrClose;
      } else {
        if (state > State.ValueOrClose) return this.stop(State.Malformed);
        const end = this.afterBareScalar(at);
        if (end === -1) return this.stop(State.Malformed);
        visitor.scalar(bytes, at, end, this.depth);
        at = end;
        state = this.depth === 0 ? State.End : State.CommaOrClose;
      }
    }
    this.at = at;
    this.state = state;
    if (at < bytes.length) return false;
    return this.stop(state === State.End ? State.End : State.Malformed);
  }

  private stop(state: State): true {
    this.state = state;
    this.at = this.bytes.length;
    return true;
  }

  /** @returns the offset of the closing quote, or `until` or a little more where it comes later; -1 for bytes that no string has */
  private afterStringBytes(from: number, until: number): number {
    const { bytes } = this;
    let at = from;
    while (at < until) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) return at;
      if (byte < FIRST_PRINTABLE) return -1;
      if (byte !== BACKSLASH) {
        at++;
        continue;
      }
      const length = escapeLength(bytes, at);
      if (length === 0) return -1;
      at += length;
    }
    return at;
  }

  private afterBareScalar(start: number): number {
    const { bytes } = this;
    const longest = Math.min(bytes.length, start + MAX_NUMBER_BYTES);
    let end = start;
    while (end < longest && isBare(bytes[end] ?? 0)) end++;
    return isBareScalar(bytes, start, end) ? end : -1;
  }
}

/** Whether a byte may stand in a number or a literal: everything but white space and the bytes that delimit tokens. */
const isBare = (byte: number): boolean =>
  byte !== COMMA &&
  byte !== CLOSE_BRACE &&
  byte !== CLOSE_BRACKET &&
  byte !== QUOTE &&
  byte !== COLON &&
  byte !== OPEN_BRACE &&
  byte !== OPEN_BRACKET &&
  !isSpace(byte);
