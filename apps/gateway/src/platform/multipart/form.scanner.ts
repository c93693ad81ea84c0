import { invalidRequest } from '../errors/index.js';
import { MAX_HEAD_BYTES, readPartHead } from './part.head.js';

/** A field that was asked for, with its whole value. */
interface FormField {
  name: string;
  value: Buffer;
}

/** What of a form comes next: bytes as they are, or in their place a field. */
export type FormPiece = Buffer | FormField;

const MAX_FIELD_BYTES = 1024;
/** More than any form of a known API has. */
const MAX_PARTS = 1000;
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
  private parts = 0;
  /** Bytes that are not decided yet. */
  private bytes: Buffer = NO_BYTES;
  private pieces: FormPiece[] = [];

  /**
   * @param wanted names of the fields that are told; none may come twice, nor in another case
   * @param added fields that are put before the end of a form that has none of their name
   */
  constructor(
    boundary: string,
    private readonly wanted: ReadonlySet<string>,
    private readonly added: Readonly<Record<string, string>> = {},
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
    if (two.equals(LAST)) {
      this.addMissing();
      return this.pass(CRLF, 'end');
    }
    if (!two.equals(LINE_END)) throw malformed();
    return this.pass(CRLF, 'head');
  }

  private head(): boolean {
    const end = this.bytes.indexOf(HEAD_END);
    if (end > MAX_HEAD_BYTES || (end === -1 && this.bytes.length > MAX_HEAD_BYTES)) throw malformed();
    if (end === -1) return false;
    if (++this.parts > MAX_PARTS) throw invalidRequest(`The form has more than ${MAX_PARTS} parts`);
    const { name, isFile, text } = readPartHead(this.bytes.toString('utf8', 0, end));
    this.name = name;
    // Never the caller's own bytes, which another reader could read in another way.
    this.pieces.push(Buffer.from(text));
    this.bytes = this.bytes.subarray(end + HEAD_END.length);
    this.place = this.wanted.has(name) ? 'field' : 'file';
    if (this.place === 'field' && isFile) throw invalidRequest(`${name} must be a field, not a file`, name);
    if (this.place === 'field') this.note(name);
    else if (this.wanted.has(name.toLowerCase()))
      throw invalidRequest(`"${name}" is not a field of the form; write "${name.toLowerCase()}"`, name.toLowerCase());
    return true;
  }

  private note(name: string): void {
    if (this.seen.has(name)) throw invalidRequest(`${name} is named twice`, name);
    this.seen.add(name);
  }

  /** Adds the fields that did not come. The mark of what would follow has been passed already. */
  private addMissing(): void {
    for (const [name, value] of Object.entries(this.added)) {
      if (this.seen.has(name)) continue;
      this.seen.add(name);
      this.pieces.push(Buffer.from(`\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`));
      this.pieces.push({ name, value: Buffer.from(value) }, LINE_END, this.mark);
    }
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
