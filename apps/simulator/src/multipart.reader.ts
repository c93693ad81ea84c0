import { SimulatorError } from './simulator.error.js';

/** The names that a part's header gives. */
export interface PartHead {
  readonly name: string;
  /** Present for a file. */
  readonly filename?: string;
}

/** What becomes of the parts of a form, as they come. */
export interface PartSink {
  begin(head: PartHead): void;
  /** Some bytes of the part that began last. */
  data(bytes: Buffer): void;
}

const MAX_HEAD_BYTES = 16_384;
const CRLF = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

const wrong = (message: string): SimulatorError => new SimulatorError(400, 'invalid_request', message);

function headOf(text: string): PartHead {
  const disposition = /^content-disposition:(.*)$/im.exec(text)?.[1] ?? '';
  const name = /[\s;]name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw wrong('A part of the form has no name');
  return { name, filename: /[\s;]filename="([^"]*)"/i.exec(disposition)?.[1] };
}

/** Reads multipart/form-data chunk by chunk; no more than a chunk and a boundary is ever held. */
export class MultipartReader {
  private readonly delimiter: Buffer;
  // The first boundary has no line before it.
  private pending = CRLF;
  private state: 'preamble' | 'boundary' | 'head' | 'data' | 'end' = 'preamble';

  /** @throws SimulatorError 400 where the content type names no boundary */
  constructor(
    contentType: string | undefined,
    private readonly sink: PartSink,
  ) {
    const match = /^multipart\/form-data\s*;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '');
    const boundary = match?.[1] ?? match?.[2];
    if (boundary === undefined) throw wrong('The body is not multipart/form-data with a boundary');
    this.delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** @throws SimulatorError 400 where a part's header cannot be read */
  push(chunk: Buffer): void {
    this.pending = Buffer.concat([this.pending, chunk]);
    while (this.step());
  }

  /** @throws SimulatorError 400 where the last boundary has not come */
  end(): void {
    if (this.state !== 'end') throw wrong('The form ends within a part');
  }

  /** @returns whether what is pending may hold another step */
  private step(): boolean {
    switch (this.state) {
      case 'preamble':
      case 'data':
        return this.readData();
      case 'boundary':
        if (this.pending.length < CRLF.length) return false;
        this.state = this.pending.subarray(0, CRLF.length).equals(CRLF) ? 'head' : 'end';
        return true;
      case 'head':
        return this.readHead();
      case 'end':
        this.pending = this.pending.subarray(this.pending.length);
        return false;
    }
  }

  private readData(): boolean {
    const at = this.pending.indexOf(this.delimiter);
    // The end of what is pending may be the beginning of a boundary.
    const until = at === -1 ? Math.max(0, this.pending.length - this.delimiter.length + 1) : at;
    if (this.state === 'data' && until > 0) this.sink.data(this.pending.subarray(0, until));
    this.pending = this.pending.subarray(at === -1 ? until : at + this.delimiter.length);
    if (at !== -1) this.state = 'boundary';
    return at !== -1;
  }

  private readHead(): boolean {
    const at = this.pending.indexOf(HEAD_END);
    if (at > MAX_HEAD_BYTES || (at === -1 && this.pending.length > MAX_HEAD_BYTES)) {
      throw wrong('The header of a part is too long');
    }
    if (at === -1) return false;
    this.sink.begin(headOf(this.pending.toString('utf8', CRLF.length, at)));
    this.pending = this.pending.subarray(at + HEAD_END.length);
    this.state = 'data';
    return true;
  }
}
