import { invalidRequest } from '../errors/index.js';
import { partNameOf } from './part.head.js';

/** A field that was asked for, with its whole value. */
interface FormField {
  name: string;
  value: Buffer;
}

/** What of a form comes next: bytes as they are, or in their place a field. */
export type FormPiece = Buffer | FormField;

const MAX_HEAD_BYTES = 16 * 1024;
const MAX_FIELD_BYTES = 1024;
const NO_BYTES = Buffer.alloc(0);
const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST = Buffer.from('--');
const CRLF = 2;

/**
 * Reads a form (RFC 7578) as it passes, however large, for a few small fields. What another reader could understand in
 * another way is refused, because the fields decide what the caller may have.
 */
export class FormScanner {
  private readonly mark: Buffer;
  private readonly seen = new Set<string>();
  private place: 'start' | 'mark' | 'head' | 'file' | 'field' | 'end' = 'start';
  private name = '';
  /** What is not decided yet. */
  private bytes: Buffer = NO_BYTES;
  private pieces: FormPiece[] = [];

  /** @param wanted names of the fields that are told; none may come twice */
  constructor(
    boundary: string,
    private readonly wanted: ReadonlySet<string>,
  ) {
    this.mark = Buffer.from(`--${boundary}`);
  }

  /** @throws ApiError 400 where it is no form, or one that is not clear */
  push(chunk: Buffer): FormPiece[] {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    this.pieces = [];
    while (this.step());
    return this.pieces;
  }

  /** The form has come. @throws ApiError 400 where it was not all */
  end(): void {
    if (this.place !== 'end' || (this.bytes.length > 0 && !this.bytes.equals(LINE_END))) throw malformed();
  }

  /** The bytes that were held back until it was known what they are. */
  rest(): Buffer {
    return this.bytes;
  }

  /** @returns whether there is more to be read now */
  private step(): boolean {
    switch (this.place) {
      case 'start':
        return this.start();
      case 'mark':
        return this.afterMark();
      case 'head':
        return this.head();
      case 'end':
        if (this.bytes.length > CRLF) throw malformed();
        return false;
      default:
        return this.value();
    }
  }

  private start(): boolean {
    const { bytes, mark } = this;
    if (bytes.length < mark.length) return false;
    if (!bytes.subarray(0, mark.length).equals(mark)) throw malformed();
    return this.pass(mark.length, 'mark');
  }

  private afterMark(): boolean {
    if (this.bytes.length < CRLF) return false;
    const two = this.bytes.subarray(0, CRLF);
    if (two.equals(LAST)) return this.pass(CRLF, 'end');
    if (!two.equals(LINE_END)) throw malformed();
    return this.pass(CRLF, 'head');
  }

  private head(): boolean {
    const end = this.bytes.indexOf(HEAD_END);
    if (end > MAX_HEAD_BYTES || (end === -1 && this.bytes.length > MAX_HEAD_BYTES)) throw malformed();
    if (end === -1) return false;
    this.name = partNameOf(this.bytes.toString('latin1', 0, end));
    if (!this.wanted.has(this.name)) return this.pass(end + HEAD_END.length, 'file');
    if (this.seen.has(this.name)) throw invalidRequest(`${this.name} is named twice`, this.name);
    this.seen.add(this.name);
    return this.pass(end + HEAD_END.length, 'field');
  }

  private value(): boolean {
    const { bytes, mark } = this;
    const at = bytes.indexOf(mark);
    const isField = this.place === 'field';
    if (isField && (at === -1 ? bytes.length : at) > MAX_FIELD_BYTES + CRLF + mark.length)
      throw invalidRequest(`${this.name} is too long`, this.name);
    if (at === -1) {
      // A mark may have begun, with the end of the line before it.
      if (!isField) this.pass(Math.max(0, bytes.length - CRLF - mark.length), 'file');
      return false;
    }
    // Some readers need no end of line before a mark, or less than this: what they would see must not differ.
    const end = at - CRLF;
    if (end < 0 || !bytes.subarray(end, at).equals(LINE_END)) throw malformed();
    if (isField) {
      this.pieces.push({ name: this.name, value: bytes.subarray(0, end) });
      this.bytes = bytes.subarray(end);
    } else this.pass(end, 'file');
    return this.pass(CRLF + mark.length, 'mark');
  }

  private pass(length: number, next: FormScanner['place']): boolean {
    if (length > 0) this.pieces.push(this.bytes.subarray(0, length));
    this.bytes = this.bytes.subarray(length);
    this.place = next;
    return true;
  }
}

const malformed = (): Error => invalidRequest('The body is not a form of the boundary that its content type names');
