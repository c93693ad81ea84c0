import { bytesAre, type JsonSink, scanJsonObject } from '../platform/json/index.js';

const MODEL = Buffer.from('model');
const QUOTE = 0x22;

/**
 * Puts the model's id as the caller wrote it in place of the upstream's name for it. A reader reports where the name stands
 * in the document that it scans; nothing is copied where the upstream uses the caller's id.
 */
export class ModelName implements JsonSink {
  /** A JSON string. */
  readonly asked: Buffer;
  /** Offsets of the upstream's name in the document that was read last, its quotes included; an end of 0 is none. */
  private start = 0;
  private end = 0;

  /** @param asked the id or alias of the request */
  constructor(asked: string) {
    this.asked = Buffer.from(JSON.stringify(asked));
  }

  /** A new document is read. */
  begin(): void {
    this.end = 0;
  }

  /** Finds the name in an object that is itself a member of the document. */
  within(document: Buffer, objectStart: number): void {
    scanJsonObject(document, objectStart, this);
  }

  /** The document with the caller's id. */
  renamed(document: Buffer): Buffer {
    if (this.end === 0) return document;
    return Buffer.concat([document.subarray(0, this.start), this.asked, document.subarray(this.end)]);
  }

  /** The same without the bytes between two offsets, which begin after the name, in one copy. */
  renamedWithout(document: Buffer, from: number, to: number): Buffer {
    const tail = document.subarray(to);
    if (this.end === 0) return Buffer.concat([document.subarray(0, from), tail]);
    const { start, end, asked } = this;
    return Buffer.concat([document.subarray(0, start), asked, document.subarray(end, from), tail]);
  }

  enter(): boolean {
    return false;
  }

  string(): void {
    // No member is entered.
  }

  /** @returns whether the member is the model's name */
  member(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): boolean {
    if (!bytesAre(bytes, keyStart, keyEnd, MODEL)) return false;
    if (bytes[valueStart] === QUOTE && !bytesAre(bytes, valueStart, valueEnd, this.asked)) {
      this.start = valueStart;
      this.end = valueEnd;
    }
    return true;
  }
}
