import type { Exchange } from './exchange.js';
import { MultipartReader, type PartSink } from './multipart.reader.js';
import { SimulatorError } from './simulator.error.js';

/** All that is kept of a file. */
interface FormFile {
  readonly filename: string;
  readonly bytes: number;
}
export type Form = Record<string, string | FormFile>;

const MAX_FIELD_BYTES = 1024 * 1024;

class FormParts implements PartSink {
  readonly parts = new Map<string, { filename?: string; bytes: number; text: Buffer[] }>();
  private current = { bytes: 0, text: [] as Buffer[], filename: undefined as string | undefined };

  begin({ name, filename }: { name: string; filename?: string }): void {
    this.current = { bytes: 0, text: [], filename };
    this.parts.set(name, this.current);
  }

  data(bytes: Buffer): void {
    this.current.bytes += bytes.length;
    if (this.current.filename !== undefined) return;
    if (this.current.bytes > MAX_FIELD_BYTES) {
      throw new SimulatorError(413, 'request_too_large', 'A field of the form is too large');
    }
    this.current.text.push(Buffer.from(bytes));
  }
}

/**
 * Reads a form to its end. Files are only counted, however large they are.
 * @throws SimulatorError 400 when it is no form, 413 where a field that is no file is over 1 MiB
 */
export async function readForm(exchange: Exchange): Promise<Form> {
  const sink = new FormParts();
  const reader = new MultipartReader(exchange.request.headers['content-type'], sink);
  await exchange.consume(chunk => reader.push(chunk));
  reader.end();
  return Object.fromEntries(
    [...sink.parts].map(([name, { filename, bytes, text }]) => [
      name,
      filename === undefined ? Buffer.concat(text).toString('utf8') : { filename, bytes },
    ]),
  );
}
